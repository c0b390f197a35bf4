import { useState } from "preact/hooks";
import { t } from "@/lib/bilingual";
import { codeText } from "@/lib/book";
import { download } from "@/lib/csv";
import { QrPicture } from "@/ui/qr";
import type { Purse } from "./purse";

/** Own accounts for the town halls, and a copy of the purse. */
export function SettingsTab({ purse }: { purse: Purse }) {
  const towns = [...new Map(purse.chain.book.series.map((each) => [each.municipality, each])).values()];
  const [chosen, setChosen] = useState(purse.ours[0]?.municipality ?? towns[0]?.municipality ?? 0);
  const account = purse.accounts[chosen];
  return (
    <>
      <section class="card">
        <h2>{t("自治体の窓口で登録する口座番号", "Account to be registered at the town hall")}</h2>
        <p class="fine">
          {t(
            "口座番号は自治体ごとに違い、互いに結びつきません。",
            "Each municipality has another account; nothing links them.",
          )}
        </p>
        <label>
          {t("自治体", "Municipality")}
          <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {towns.map((each) => (
              <option key={each.municipality} value={each.municipality}>
                {each.town} {codeText(each.municipality)}
              </option>
            ))}
          </select>
        </label>
        {account && (
          <>
            <QrPicture text={account} label={t("口座番号のQRコード", "QR code of the account")} />
            <p class="code">{account}</p>
          </>
        )}
      </section>
      <section class="card">
        <h2>{t("財布の控え", "Copy of the purse")}</h2>
        <p class="fine">
          {t(
            "パスフレーズで暗号化されたままのファイルです。24語のメモとは別に残せます。",
            "A file that stays encrypted with the passphrase, beside the 24 words on paper.",
          )}
        </p>
        <button
          type="button"
          onClick={() => download("purse.json", JSON.stringify(purse.keystore), "application/json")}
        >
          {t("財布のファイルを保存", "Save the purse file")}
        </button>
      </section>
    </>
  );
}
