"""The report's headings, and what stands under them to explain the figures; Japanese beside English."""

from __future__ import annotations

from scripts.lib.bilingual import Bilingual

TITLES = {
    "violations": Bilingual("Violations", "違反の内容"),
    "patterns": Bilingual("Payments to look at", "確認をお勧めする取引"),
    "books": Bilingual("Where the points are", "ポイントの所在"),
    "months": Bilingual("Month by month", "月ごとの動き"),
    "categories": Bilingual("Use by kind of shop", "業種別の利用"),
    "partners": Bilingual("What partners owe", "協力企業からの未収"),
    "shops": Bilingual("Settlement, shop by shop", "加盟店への精算"),
    "batches": Bilingual("By cut-off day", "締め日ごとの精算"),
    "endings": Bilingual("What will lapse if nobody spends it", "失効の見通し"),
    "concentration": Bilingual("Concentration", "集中の度合い"),
    "years": Bilingual("Fiscal years, gross", "年度別計算書(総額)"),
    "gross": Bilingual("Income and expenditure of money, gross", "歳入と歳出(総計予算主義)"),
    "detail": Bilingual("Figures month by month", "月別の明細"),
    "basis": Bilingual("What it rests on, and how to make it again", "根拠と再現の方法"),
    "checks": Bilingual("Figures held against each other", "数字の突き合わせ"),
}
NOTES = {
    "books": Bilingual(
        "Every point ever made is in exactly one of these places. 1 point = 1 yen.",
        "これまでに生じた全ポイントは、次のどれか一つにあります。1ポイント=1円。",
    ),
    "categories": Bilingual(
        "Paid at shops, gross; what was given back stands beside it and is not taken off.",
        "店で使われた総額です。返品は別に示し、差し引いていません。",
    ),
    "partners": Bilingual(
        "What they have to pay and what they paid stand side by side; nothing is netted.",
        "調定額(支払うべき額)と入金を別々に示し、相殺していません。",
    ),
    "shops": Bilingual(
        "A shop's points become yen by settlement. The cut-off is the last day that a settlement paid for.",
        "店が受け取ったポイントは精算で円になります。締め日は、支払い済みの精算に含まれる最後の日です。",
    ),
    "endings": Bilingual(
        "Points held now, by the month with whose last second in Japan they end.",
        "現在の残高を、有効期限の月(日本時間の月末)ごとに示します。",
    ),
    "concentration": Bilingual(
        "How few hold or receive how much. It says nothing of anybody; it says where to look.",
        "少数の口座や店への偏りの度合いです。誰かの不正を示すものではありません。",
    ),
    "years": Bilingual(
        "From 1 April to 31 March; both sides come to the same. Where the books are closed, the figures are "
        "those that officers and contract fixed, and they were worked out again from the events.",
        "4月1日から3月31日まで。左右の合計は一致します。締めた年度は、職員と契約が確定した数字を、"
        "記録から計算し直して照合しています。",
    ),
    "gross": Bilingual(
        "Receipts from partners and payments to shops are booked apart and never netted (Local Autonomy Act, "
        "article 210). Receipts by the day of their record; payments by the year whose books paid.",
        "協力企業からの収入と加盟店への支出は別々に計上し、相殺しません(地方自治法第210条)。"
        "収入は記録の日、支出は負担した年度によります。",
    ),
    "basis": Bilingual(
        "Whoever reads the same blocks gets the same bytes: fetch, then report, and compare the digest.",
        "同じブロックを読んだ人は、1バイトも違わない報告書を得ます。取得・作成して要約値を比べてください。",
    ),
}
