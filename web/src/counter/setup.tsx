import { useState } from "preact/hooks";
import { t } from "@/lib/bilingual";
import { seriesAt } from "@/lib/book";
import { KeystoreForm } from "@/ui/keystore-form";
import { PassphraseForm } from "@/ui/passphrase";
import { QrPicture } from "@/ui/qr";
import { Notice, reasonOf } from "@/ui/shell";
import { DEFAULTS } from "./settings";
import type { FoundShop, Till } from "./till";

/** The first time: make a key, or bring one. */
export function Welcome({ till }: { till: Till }) {
  const [way, setWay] = useState<"new" | "file">();
  if (way === "new")
    return (
      <section class="card">
        <h2>{t("レジの鍵を作る", "Make the till's key")}</h2>
        <p>
          {t(
            "鍵はこの端末の中で作られ、パスフレーズで暗号化してこの端末にだけ保存します。パスフレーズは毎朝レジを開けるときに使います。",
            "The key is made in this device and kept here alone, encrypted with a passphrase, which opens the till every morning.",
          )}
        </p>
        <PassphraseForm
          isNew
          action={t("鍵を作る", "Make the key")}
          onPassphrase={(passphrase, progress) => till.makeKey(passphrase, progress)}
          onCancel={() => setWay(undefined)}
        />
      </section>
    );
  if (way === "file")
    return (
      <section class="card">
        <h2>{t("鍵ファイルを使う", "Use a keystore file")}</h2>
        <KeystoreForm
          label={t("鍵ファイル(JSON)", "Keystore file (JSON)")}
          passphraseLabel={t("鍵ファイルのパスフレーズ", "Passphrase of the file")}
          action={t("この鍵を使う", "Use this key")}
          onKeystore={(text, passphrase, progress) => till.takeKey(text, passphrase, progress)}
          onCancel={() => setWay(undefined)}
        />
      </section>
    );
  return (
    <section class="card">
      <h2>{t("この端末をレジにする", "Make this device a till")}</h2>
      <p>
        {t(
          "自治体ポイントでのお支払いを受け取るレジです。はじめに、このレジの鍵を用意します。",
          "A till that takes payments in municipal points. It needs a key of its own first.",
        )}
      </p>
      <button type="button" class="main" onClick={() => setWay("new")}>
        {t("新しい鍵を作る", "Make a new key")}
      </button>
      <button type="button" onClick={() => setWay("file")}>
        {t("鍵ファイルを持っている", "I have a keystore file")}
      </button>
    </section>
  );
}

/** Which shop this till is of: the town's register says, by the key. */
export function FindShop({ till }: { till: Till }) {
  const [found, setFound] = useState<FoundShop[]>();
  const [number, setNumber] = useState(DEFAULTS.till);
  const [refusal, setRefusal] = useState("");
  const account = till.account ?? "";

  const look = async () => {
    setRefusal("");
    try {
      setFound(await till.findShops());
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };
  const choose = async (shop: FoundShop) => {
    try {
      await till.setUp(shop, { ...DEFAULTS, till: number });
      await till.flush();
    } catch (error) {
      setRefusal(reasonOf(error));
    }
  };

  return (
    <>
      <section class="card">
        <h2>{t("お店を確かめる", "Find the shop")}</h2>
        <p>
          {t(
            "下の口座番号が役場(または店の代表者のレジ)で登録されると、ここにお店が出てきます。",
            "Once this account is registered by the town hall (or by the owner's till), the shop appears here.",
          )}
        </p>
        <button type="button" class="main" onClick={look}>
          {t("登録されたか確かめる", "See whether it is registered")}
        </button>
        {refusal && <Notice kind="bad">{refusal}</Notice>}
        {found?.length === 0 && (
          <Notice kind="warning">
            {t(
              "まだ登録されていません。口座番号を役場の窓口へお伝えください。",
              "It is not registered yet. Give the account to the town hall.",
            )}
          </Notice>
        )}
        {found && found.length > 0 && (
          <>
            <label>
              {t("レジ番号", "Number of the till")}
              <small>
                {t(
                  "店にレジが2台以上あるときは、1台ごとに違う番号にします。",
                  "With two tills or more, each has a number of its own.",
                )}
              </small>
              <select value={number} onChange={(event) => setNumber(Number(event.currentTarget.value))}>
                {Array.from({ length: 16 }, (_, each) => (
                  <option key={each} value={each}>
                    {each}
                  </option>
                ))}
              </select>
            </label>
            {found.map((each) => {
              const { town, name } = seriesAt(till.chain.book, each.series);
              return (
                <button
                  type="button"
                  class="main"
                  key={each.series + each.merchant}
                  onClick={() => choose(each)}
                >
                  <span>
                    {each.shop.name}
                    <br />
                    <small class="on-main">
                      {each.shop.place}・{town} {name}
                    </small>
                  </span>
                </button>
              );
            })}
          </>
        )}
      </section>
      <section class="card">
        <h2>{t("このレジの口座番号", "Account of this till")}</h2>
        <QrPicture text={account} label={t("口座番号のQRコード", "QR code of the account")} />
        <p class="code">{account}</p>
      </section>
    </>
  );
}
