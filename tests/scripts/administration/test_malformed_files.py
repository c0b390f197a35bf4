"""Files as they must not be: each fault is named by line, column and reason, and nothing is sent."""

from typing import NamedTuple

import pytest
from eth_utils import to_checksum_address

from scripts.lib.administration.execution import ExitCode
from scripts.lib.csv_table import MAX_BYTES
from tests.support.command_town import CODE

ACCOUNT = to_checksum_address("0x00000000000000000000000000000000000000a1")
OTHER = to_checksum_address("0x00000000000000000000000000000000000000b2")
SIGNATURE = "0x" + "11" * 64 + "1b"
GRANT = ("grant", "--programme", "健康診査", "--occurrence", "第1回")
HEAD = "利用者番号,ポイント"
PROGRAMME_HEAD = (
    "事業,実施場所,1回のポイント,年度内の上限,年度予算,内容,年度,実施回,"
    "有効期限の規則,有効期限の月数,開始日,終了日"
)
BANK_HEAD = "加盟店口座,委託者コード,銀行コード,支店コード,預金種目,口座番号,口座名義カナ"
SHOP = f"{ACCOUNT},,0001,001,普通,"
OWN = ",123,0005,001,普通,1234567,カワサキシ"
TERMS_HEAD = (
    "協力企業番号,協力企業の鍵,交換率の分子,交換率の分母,交換単位,有効期限の月数,最低,最高,"
    "1人1日の上限,1人年度内の上限,未収の上限"
)


class Bad(NamedTuple):
    """A file, and what must be said of it: line (0: the file), words of the column, words of the reason."""

    name: str
    command: tuple[str, ...]
    content: str | bytes
    faults: tuple[tuple[int, str, str], ...]


def one(
    name: str, command: tuple[str, ...], content: str | bytes, line: int, column: str, reason: str
) -> Bad:
    return Bad(name, command, content, ((line, column, reason),))


def grant(name: str, content: str | bytes, line: int, column: str, reason: str) -> Bad:
    return one(name, GRANT, content, line, column, reason)


def officers(name: str, row: str, column: str, reason: str) -> Bad:
    return one(name, ("officers",), f"異動,役職,口座,後任の口座,開始日\n{row}\n", 2, column, reason)


def shops(name: str, row: str, column: str, reason: str) -> Bad:
    return one(
        name, ("merchants",), f"口座,店名,所在地,業種番号,異動,新しい管理鍵\n{row}\n", 2, column, reason
    )


def programme(name: str, row: str, column: str, reason: str) -> Bad:
    return one(name, ("programmes",), f"{PROGRAMME_HEAD}\n{row}\n", 2, column, reason)


def terms(name: str, row: str, column: str, reason: str) -> Bad:
    return one(name, ("accept-partners",), f"{TERMS_HEAD}\n{row}\n", 2, column, reason)


def exchange(name: str, row: str, column: str, reason: str) -> Bad:
    return one(
        name,
        ("partner exchange",),
        f"団体コード,利用者番号,企業ポイント,管理番号\n{row}\n",
        2,
        column,
        reason,
    )


def lots(name: str, command: str, head: str, row: str, column: str, reason: str) -> Bad:
    return one(name, (command,), f"{head}\n{row}\n", 2, column, reason)


def bank(name: str, row: str, column: str, reason: str) -> Bad:
    return one(name, ("transfer-file",), f"{BANK_HEAD}\n{OWN}\n{row}\n", 3, column, reason)


def residents(name: str, row: str, column: str, reason: str) -> Bad:
    return one(name, ("residents",), f"口座,マイキーID,署名\n{row}\n", 2, column, reason)


def council(name: str, verb: str, head: str, row: str, column: str, reason: str) -> Bad:
    return one(name, (f"council {verb}",), f"{head}\n{row}\n", 2, column, reason)


def named(name: str, row: str, column: str, reason: str) -> Bad:
    """A grant whose programme and occurrence stand in columns."""
    return one(name, ("grant",), f"{HEAD},事業,実施回\n{row}\n", 2, column, reason)


TOWN_HEAD = "団体コード,種別,ポイント名称,有効期限の規則,有効期限の月数"
EXTEND = "利用者番号,現在の期限月,新しい期限月"
REVOKE = "利用者番号,ポイント,期限月"
REPLACE = "利用者番号,新しい口座,署名"
PARTNERS = "協力企業名,協力企業の鍵"
RECEIPTS = "協力企業番号,入金額,銀行の照会番号"
BONUS = "還元事業,初日,最終日,還元率,対象の最低額,1人の上限,予算,対象業種番号"
RESTORE = "利用者番号,ポイント,失効月,新しい期限月"

CORPUS = [
    # the file as a whole
    grant("empty", b"", 0, "", "ファイルが空です"),
    grant("blank lines alone", "\n\n,,\n", 0, "", "ファイルが空です"),
    grant("titles alone", HEAD + "\n", 0, "", "見出しの下に行がありません"),
    grant("UTF-16", (HEAD + "\n1,500\n").encode("utf-16"), 0, "", "文字コード"),
    grant("neither encoding", HEAD.encode() + b"\n1,\xff\xfe\xfd\n", 0, "", "文字コード"),
    grant("Excel workbook", b"PK\x03\x04" + b"\0" * 50, 0, "", "Excelブック"),
    grant("old Excel workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 50, 0, "", "Excelブック"),
    grant("open quote", HEAD + '\n1,"500\n', 2, "", "CSVとして読めません"),
    grant("signs after a quote", HEAD + '\n1,"500"x\n', 2, "", "CSVとして読めません"),
    grant("too large", b"x" * (MAX_BYTES + 1), 0, "", "バイトを超えています"),
    grant("null byte", HEAD + "\n1\0,500\n", 2, "", ""),
    grant("cell of a megabyte", HEAD + '\n1,"' + "5" * 1_000_000 + '"\n', 2, "", "CSVとして読めません"),
    grant("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), 0, "", "文字コード"),
    grant("a web page", "<!DOCTYPE html>\n<html><body>\n", 1, "#1", "不明な列"),
    # titles
    grant("no titles", "1,500\n2,600\n", 1, "#1", "不明な列"),
    grant("unknown title", HEAD + ",備考\n1,500,x\n", 1, "#3", "不明な列"),
    grant("title twice", HEAD + ",ポイント\n1,500,500\n", 1, "ポイント", "同じ列が2つ"),
    grant("title missing", "ポイント\n500\n", 1, "利用者番号", "この列がありません"),
    grant("personal number as title", "123456789012,ポイント\n1,500\n", 1, "#1", "個人番号"),
    # cells of numbers
    grant("number empty", HEAD + "\n,500\n", 2, "利用者番号", "空です"),
    grant("number zero", HEAD + "\n0,500\n", 2, "利用者番号", "1以上"),
    grant("number too large", HEAD + "\n4294967296,500\n", 2, "利用者番号", "超えています"),
    grant("name for a number", HEAD + "\n山田,500\n", 2, "利用者番号", "整数ではありません"),
    grant("points negative", HEAD + "\n1,-500\n", 2, "ポイント", "負の数"),
    grant("points negative by triangle", HEAD + "\n1,▲500\n", 2, "ポイント", "負の数"),
    grant("points fraction", HEAD + "\n1,500.5\n", 2, "ポイント", "整数ではありません"),
    grant("points exponent", HEAD + "\n1,5E+2\n", 2, "ポイント", "整数ではありません"),
    grant("points wrong separators", HEAD + '\n1,"5,00"\n', 2, "ポイント", "整数ではありません"),
    grant("points zero", HEAD + "\n1,0\n", 2, "ポイント", "1以上"),
    grant("points with unit", HEAD + "\n1,500円\n", 2, "ポイント", "整数ではありません"),
    grant("points of kanji", HEAD + "\n1,五百\n", 2, "ポイント", "整数ではありません"),
    grant("points of 10,000 digits", HEAD + "\n1," + "9" * 10_000 + "\n", 2, "ポイント", "文字を"),
    grant("formula", HEAD + "\n1,=1+1\n", 2, "ポイント", "整数ではありません"),
    grant("cell beyond the titles", HEAD + "\n1,500,extra\n", 2, "#3", "列の外"),
    grant("personal number", HEAD + "\n123456789012,500\n", 2, "利用者番号", "個人番号"),
    grant("personal number, wide", f"{HEAD}\n１２３４ ５６７８ ９０１２,5\n", 2, "利用者番号", "個人番号"),
    grant("personal number by Excel", HEAD + "\n1.23456789012E+11,500\n", 2, "利用者番号", "個人番号"),
    grant("MyKey ID", HEAD + "\nA1B2C3D4,500\n", 2, "利用者番号", "マイキーID"),
    # rows of a list
    grant("resident twice", HEAD + "\n1,500\n2,500\n1,500\n", 4, "利用者番号", "二重付与"),
    named("programme unknown", "1,500,祭,第1回", "事業", "開設されていない事業"),
    named("control sign in a programme", "1,500,祭\x07,第1回", "事業", "表示できない文字"),
    named("occurrence unknown", "1,500,健康診査,第9回", "実施回", "開設されていない実施回"),
    one("no programme named", ("grant",), HEAD + "\n1,500\n", 2, "programme", "列かコマンドで"),
    named("other points than fixed", "1,60,講座,4月", "ポイント", "1回50ポイント"),
    one("points missing", GRANT, "利用者番号\n1\n", 2, "points", "ポイントが必要"),
    Bad(
        "every row bad",
        GRANT,
        HEAD + "\n0,0\n,\n-1,x\n",
        (
            (2, "利用者番号", "1以上"),
            (2, "ポイント", "1以上"),
            (4, "利用者番号", "負の数"),
            (4, "ポイント", "整数"),
        ),
    ),
    # officers
    officers("unknown change", f"昇進,管理者,{ACCOUNT},,", "異動", "次のどれか"),
    officers("unknown office", f"任命,課長,{ACCOUNT},,", "役職", "次のどれか"),
    officers("short account", "任命,管理者,0x1234,,", "口座", "口座アドレス"),
    officers("wrong checksum", "任命,管理者,0x52b42e8D7593C457A472bF490288B3FA4a28781D,,", "口座", "検査"),
    officers("without checksum", f"任命,管理者,{ACCOUNT.lower()},,", "口座", "検査"),
    officers("account zero", f"任命,管理者,0x{'0' * 40},,", "口座", "0番"),
    officers("successor missing", f"引継ぎ,出納担当,{ACCOUNT},,", "後任の口座", "後任の口座が必要"),
    officers("successor too many", f"任命,出納担当,{ACCOUNT},{OTHER},", "後任の口座", "引継ぎのときだけ"),
    officers("day that does not exist", f"任命,出納担当,{ACCOUNT},,2025-02-30", "開始日", "日時では"),
    officers("dismissal with a day", f"解任,出納担当,{ACCOUNT},,2025-05-01", "開始日", "解任に開始日"),
    officers("Admin to come", f"任命,管理者,{ACCOUNT},,2025-05-01", "開始日", "管理者に開始日"),
    # merchants
    shops("name missing", f"{ACCOUNT},,川崎区,1,,", "店名", "承認には必要"),
    shops("category too large", f"{ACCOUNT},朝市,川崎区,99999999,,", "業種番号", "超えています"),
    shops("control sign in a name", f"{ACCOUNT},朝\x07市,川崎区,1,,", "店名", "表示できない文字"),
    shops("owner without its change", f"{ACCOUNT},朝市,川崎区,1,,{OTHER}", "新しい管理鍵", "鍵の交換"),
    shops("owner missing", f"{ACCOUNT},,,,鍵の交換,", "新しい管理鍵", "鍵の交換"),
    shops("personal number in a name", f"{ACCOUNT},123456789012店,川崎区,1,,", "店名", "個人番号"),
    # programmes
    programme("budget missing", "祭,市内,,,,説明,2025,,当年度末,,,", "年度予算", "空です"),
    programme("cap below a grant", "祭,市内,50,10,100,説明,2025,,当年度末,,,", "年度内の上限", "少ない上限"),
    programme("term missing", "祭,市内,,,100,説明,2025,,か月後,,,", "有効期限の月数", "月数が必要"),
    programme("term too long", "祭,市内,,,100,説明,2025,,か月後,61,,", "有効期限の月数", "60か月まで"),
    programme("unknown rule", "祭,市内,,,100,説明,2025,,来週,,,", "有効期限の規則", "次のどれか"),
    programme("label twice", "祭,市内,,,100,説明,2025,春|春,当年度末,,,", "実施回", "同じ名称"),
    programme("year without era", "祭,市内,,,100,説明,7,,当年度末,,,", "年度", "令和8年度 のような年度"),
    programme("ends too soon", "祭,市,,,9,説明,2025,,当年度末,,2025-06-01,2025-05-01", "終了日", "前です"),
    # residents
    residents("short ID", f"{ACCOUNT},ABC,{SIGNATURE}", "マイキーID", "8桁"),
    residents("short signature", f"{ACCOUNT},A1B2C3D4,0x11", "署名", "130桁"),
    residents("account without signature", f"{ACCOUNT},A1B2C3D4,", "署名", "両方必要"),
    residents("another's signature", f"{ACCOUNT},A1B2C3D4,{SIGNATURE}", "署名", "署名ではありません"),
    # lots
    lots("month of 13", "extend", EXTEND, "1,2025-13,2026-03", "現在の期限月", "年月ではありません"),
    lots("not later", "extend", EXTEND, "1,2026-03,2026-03", "新しい期限月", "後ではありません"),
    lots("extended twice", "extend", EXTEND, "1,2026-03,2026-04\n1,2026-03,2026-05", "利用者番号", "重複"),
    lots("restored points missing", "restore", RESTORE, "1,,2025-03,2025-06", "ポイント", "空です"),
    lots("revocation too large", "revoke", REVOKE, "1,536870912,2026-03", "ポイント", "超えています"),
    lots("replacement of nobody", "replace", REPLACE, f",{ACCOUNT},{SIGNATURE}", "利用者番号", "空です"),
    # bank details
    bank("bank of letters", f"{ACCOUNT},,みずほ,001,普通,1,ア", "銀行コード", "形ではありません"),
    bank("account of eight digits", f"{SHOP}12345678,ア", "口座番号", "形ではありません"),
    bank("holder in kanji", f"{SHOP}1,朝市", "口座名義カナ", "使えない文字"),
    bank("holder too long", f"{SHOP}1,{'ガ' * 21}", "口座名義カナ", "半角カナで42文字"),
    bank("unknown kind", f"{ACCOUNT},,0001,001,定期,1,ア", "預金種目", "次のどれか"),
    one("no own account", ("transfer-file",), f"{BANK_HEAD}\n{SHOP}1,ア\n", 0, "", "自治体自身の口座"),
    bank("payer code of a shop", f"{ACCOUNT},9,0001,001,普通,1,ア", "委託者コード", "自治体自身の行"),
    # partners
    terms("maximum below minimum", f"1,{ACCOUNT},1,1,1,12,500,100,9,9,9", "最高", "少ない最高"),
    terms("denominator zero", f"1,{ACCOUNT},1,0,1,12,1,100,9,9,9", "交換率の分母", "1以上"),
    one(
        "terms end too soon", ("accept-partners",),
        f"{TERMS_HEAD},開始日,終了日\n1,{ACCOUNT},1,1,1,12,1,100,9,9,9,2025-06-01,2025-05-01\n",
        2, "終了日", "前です",
    ),
    terms("year below day", f"1,{ACCOUNT},1,1,1,12,1,100,9,8,9", "1人年度内の上限", "少ない"),
    exchange("five digits of a code", "14130,1,1000,R-1", "団体コード", "5桁"),
    exchange("wrong check digit", "141304,1,1000,R-1", "団体コード", "検査数字"),
    exchange("code of no municipality", "999997,1,1000,R-1", "団体コード", "自治体はありません"),
    exchange("reference in Japanese", f"{CODE},1,1000,管理1", "管理番号", "英数字"),
    exchange("reference twice", f"{CODE},1,1000,R-1\n{CODE},2,1000,R-1", "管理番号", "重複"),
    # the council's
    council("symbol in small letters", "deploy", TOWN_HEAD, f"{CODE},genki,名,当年度末,", "種別", "英大文字"),
    council("term of a series", "deploy", TOWN_HEAD, f"{CODE},GENKI,名,か月後,", "有効期限の月数", "月数"),
    council("partner's key", "register-partners", PARTNERS, "空,0xkey", "協力企業の鍵", "口座アドレス"),
    lots("receipt of letters", "receipts", RECEIPTS, "1,千円,A-1", "入金額", "整数ではありません"),
    # bonus campaigns
    lots("bonus ends too soon", "bonus", BONUS, "還元,2025-05-31,2025-05-01,10,1,5,9,1", "最終日", "前です"),
    lots("bonus below a cap", "bonus", BONUS, "還元,2025-05-01,2025-05-31,10,1,9,5,1", "予算", "少ない予算"),
]  # fmt: skip


def words_of(town, bad, path):
    """Return actor and words of a command that reads the file."""
    actor, _, verb = bad.command[0].rpartition(" ")
    more = list(bad.command[1:])
    if verb == "transfer-file":
        return "municipality", [verb, "1", "--bank", path, "--pay-on", "2025-06-10"]
    if verb == "residents":
        more += ["--commitment-key", town.key_file]
    return actor or "municipality", [verb, path, *more]


@pytest.fixture(scope="module")
def with_batch(set_up_town):
    """The town with claims that are locked, so that a transfer file can be asked for."""
    snapshot = set_up_town.connection.rpc.call("evm_snapshot")
    lock_claims(set_up_town)
    yield set_up_town
    set_up_town.connection.rpc.call("evm_revert", snapshot)


def lock_claims(town):
    town.run("grant", town.file("paid.csv", HEAD, "1,500"), *GRANT[1:])
    town.pay(1, town.shop(1), 300)
    town.pass_time(24 * 60 * 60)
    assert town.run("settle-claims", "2025-04-07") is ExitCode.DONE, town.said


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: bad.name)
def test_read_malformed_file_names_each_fault_and_sends_nothing(with_batch, tmp_path, bad):
    town, height = with_batch, with_batch.chain.height()
    path = tmp_path / "入力.csv"
    path.write_bytes(bad.content if isinstance(bad.content, bytes) else bad.content.encode())
    actor, words = words_of(town, bad, str(path))
    assert town.run(*words, actor=actor) is ExitCode.REJECTED_INPUT, town.said
    lines = town.said.splitlines()
    for line, column, reason in bad.faults:
        assert any(
            column in row and reason in after and (not line or f" {line:,}".replace(",", "") in row)
            for row, after in zip(lines, [*lines[1:], ""], strict=True)
            if path.name in row
        ), town.said
    assert "何も送信していません" in town.said
    assert "Traceback" not in town.said
    assert town.chain.height() == height, "something was sent"


def test_corpus_has_at_least_sixty_files():
    assert len(CORPUS) == len({bad.name for bad in CORPUS}) >= 60


def test_read_missing_file_is_rejected_input(town):
    assert town.run(*GRANT[:1], str(town.folder / "no.csv"), *GRANT[1:]) is ExitCode.REJECTED_INPUT
    assert "ファイルがありません" in town.said


def test_read_folder_in_place_of_a_file_is_rejected_input(town):
    assert town.run(*GRANT[:1], str(town.folder), *GRANT[1:]) is ExitCode.REJECTED_INPUT
    assert "読み込めません" in town.said
