"""Every refusal of the contracts as a sentence, in Japanese and English, for whoever stands at the counter.

    sentence_of("PointNotTill", {"merchant": "0x…", "key": "0x…"})

The table knows every custom error in the ABIs of the project (a test compares them). Arguments appear as a reader
knows them: points with commas, days, months and times in Japan's calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from scripts.lib.bilingual import Bilingual
from scripts.lib.japan_calendar import moment_label, month_label
from scripts.lib.payment.issue import PaymentIssue
from scripts.lib.payment.sale_number import day_of_sale, serial_of_sale

NEVER_MONTH = 1535

SENTENCES: dict[str, Bilingual] = {
    name: Bilingual(english, japanese)
    for name, english, japanese in (
        # ------------------------------------------------------------------------------- the language
        ("Error", "Refused: {message}.", "拒否されました: {message}"),
        ("Panic", "A calculation failed (code {code}).", "計算ができませんでした(コード{code})。"),
        # -------------------------------------------------------------------------------------- token
        ("ERC20InsufficientBalance", "The account holds {balance} points, {needed} are needed.",
         "残高不足です。残高{balance}ポイント、必要{needed}ポイント。"),
        ("ERC20InsufficientAllowance", "{spender} may move {allowance} points, {needed} are needed.",
         "引き出しの許可が足りません。許可{allowance}ポイント、必要{needed}ポイント。"),
        ("ERC20InvalidApprover", "{approver} cannot allow others to move points.",
         "{approver}は引き出しを許可できない口座です。"),
        ("ERC20InvalidReceiver", "{receiver} cannot receive points.", "{receiver}はポイントを受け取れない口座です。"),
        ("ERC20InvalidSender", "{sender} cannot send points.", "{sender}はポイントを送れない口座です。"),
        ("ERC20InvalidSpender", "{spender} cannot be allowed to move points.",
         "{spender}には引き出しを許可できません。"),
        ("ERC7818TransferredExpiredToken", "These points ended with {epoch}.", "このポイントは{epoch}で失効しています。"),
        ("PointPaused", "These points are paused until {untilTimestamp}.",
         "このポイントは{untilTimestamp}まで緊急停止中です。"),
        ("PointPauseCoolingDown", "The next pause is possible from {fromTimestamp} on.",
         "次の緊急停止は{fromTimestamp}以降にできます。"),
        ("PointPauseLength", "A pause lasts 1 to {maxSeconds} seconds, not {seconds_}.",
         "緊急停止は1秒から{maxSeconds}秒までです(指定は{seconds_}秒)。"),
        ("PointAccountFrozen", "The account {account} is stopped.", "口座{account}は停止中です。"),
        ("PointReceiverNotMerchant", "{to} is no merchant; points cannot be given to other people.",
         "{to}は加盟店ではありません。利用者どうしの譲渡はできません。"),
        ("PointMerchantNotActive", "The shop {merchant} cannot be paid at present.",
         "加盟店{merchant}は現在お支払いを受けられません。"),
        ("PointClaimNotTransferable", "A shop's points are paid in yen and cannot be passed on.",
         "加盟店の受取ポイントは精算するもので、譲渡できません。"),
        ("PointAccountHoldsLots", "{account} holds points and cannot become a shop's.",
         "口座{account}はポイントを保有しているため加盟店にできません。"),
        ("PointNotMerchant", "{account} was never approved as a shop.", "{account}は加盟店として承認されていません。"),
        ("PointCategoryTooLarge", "The category {category} is larger than {maxCategory}.",
         "業種番号{category}は上限{maxCategory}を超えています。"),
        ("PointMintToMerchant", "Points are granted to residents, not to shops.", "加盟店にはポイントを付与できません。"),
        ("PointOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("PointNotOwner", "Only the owner's key of the shop may do this.", "加盟店の代表者の鍵でのみできる操作です。"),
        ("PointAccountIsResident", "{account} is a resident's account and cannot be a shop's.",
         "{account}は利用者の口座のため加盟店にできません。"),
        ("PointNotReplaced", "The account {account} has not been replaced.", "口座{account}は再発行されていません。"),
        ("PointRestoreTooLarge",
         "{lapsedPoints} points lapsed with {month}, {restoredPoints} are restored; {neededPoints} is too much.",
         "{month}の失効は{lapsedPoints}ポイント、回復済み{restoredPoints}ポイントで、{neededPoints}ポイントは超過です。"),
        ("PointNotLater", "Points can only be extended to a later month than {fromMonth}.",
         "有効期限は{fromMonth}より後の月にだけ延長できます。"),
        ("PointLotTooSmall",
         "The account holds {amountPoints} points that end with {month}, {neededPoints} are needed.",
         "{month}が期限のポイントは{amountPoints}で、必要な{neededPoints}に足りません。"),
        ("PointExpiryOutOfRange", "Points may end from {firstMonth} to {lastMonth}, not with {month}.",
         "有効期限は{firstMonth}から{lastMonth}までです(指定は{month})。"),
        ("PointLotTooLarge", "An account holds at most {maxPoints} points of one month.",
         "1口座の同じ期限のポイントは{maxPoints}までです。"),
        ("PointMonthTooLarge", "All points that end with {month} are at most {maxPoints}.",
         "{month}が期限のポイントは合計{maxPoints}までです。"),
        ("PointMinterAllowance", "{allowancePoints} points may still be issued, {neededPoints} are needed.",
         "発行枠の残りは{allowancePoints}ポイントで、必要な{neededPoints}に足りません。"),
        ("PointTakeBackTooLarge", "At most {leftPoints} points can be taken back, not {neededPoints}.",
         "取り戻せるのは{leftPoints}ポイントまでです(指定は{neededPoints})。"),
        ("PointNotMinter", "{minter} may not issue points here.", "{minter}には発行枠がありません。"),
        ("PointTooManyMinters", "At most {maxMinters} services may issue points.", "発行できるのは{maxMinters}者までです。"),
        ("PointNotEarliest", "Points that end with {earliestMonth} are spent first.",
         "先に期限の来る{earliestMonth}のポイントから使われます。"),
        ("PointNotTill", "This key is no till of the shop.", "この鍵は加盟店のレジとして登録されていません。"),
        ("PointSaleAmount", "A sale is of 1 to {maxPoints} points.", "お支払いは1から{maxPoints}ポイントまでです。"),
        ("PointSaleUsed", "Sale {sale} is paid or voided already.", "売上{sale}は支払い済みか取消し済みです。"),
        ("PointSaleDay", "Sale {sale} is not of the days {firstDay} to {lastDay}, which can be paid now.",
         "売上{sale}は支払いを受けられる日({firstDay}から{lastDay})を外れています。"),
        ("PointSaleExpired", "The shop's code for sale {sale} was valid until {validUntil}.",
         "売上{sale}のレジのコードは{validUntil}で期限切れです。"),
        ("PointPaymentExpired", "The signed payment was valid until {validUntil}.",
         "署名された支払いは{validUntil}で期限切れです。"),
        ("PointWrongSignature", "The signature is not that of {payer}, or was cancelled.",
         "署名が口座{payer}のものではないか、取り消されています。"),
        ("PointPayerIsMerchant", "A shop's account cannot pay.", "加盟店の口座では支払えません。"),
        ("PointGasTooLow", "Too little gas: {gasLeft} of {gasNeeded}.", "ガスが不足しています({gasLeft}/{gasNeeded})。"),
        ("PointCancelledTooOften", "The account has cancelled {maxTimes} times; it needs a new account.",
         "署名の取消しが{maxTimes}回に達しました。新しい口座が必要です。"),
        ("PointReplacedTooOften", "The owner of {merchant} has been replaced {maxTimes} times; the shop needs a new account.",
         "加盟店{merchant}の代表者の鍵の交換が{maxTimes}回に達しました。新しい口座が必要です。"),
        ("PointSaleUnknown", "No such payment of sale {sale}, or it is too long ago.",
         "売上{sale}にそのような支払いはないか、古すぎます。"),
        ("PointRefundTooLate", "Sale {sale} could be refunded until {lastDay}.",
         "売上{sale}を返品できるのは{lastDay}まででした。"),
        ("PointRefundTooLarge", "{leftPoints} points of sale {sale} can be refunded, not {neededPoints}.",
         "売上{sale}で返せるのは残り{leftPoints}ポイントです(指定は{neededPoints})。"),
        ("PointNothingToReturn",
         "The {unreturnablePoints} points of sale {sale} have ended and cannot be returned.",
         "売上{sale}の{unreturnablePoints}ポイントは有効期限が過ぎており、返せません。"),
        ("PointClaimTooSmall", "The shop's free claim is {claimPoints} points, {neededPoints} are needed.",
         "加盟店の未精算は{claimPoints}ポイントで、必要な{neededPoints}に足りません。"),
        ("PointServiceNotAccepted", "The municipality has not accepted the service {service}.",
         "自治体がサービス{service}を承認していません。"),
        ("PointClaimsLocked", "{lockedPoints} points are in settlement; that must end first.",
         "{lockedPoints}ポイントが精算手続き中です。先に終えてください。"),
        ("PointNotSettlement", "Only the settlement service may do this.", "精算サービスだけができる操作です。"),
        ("PointLockedTooSmall", "{lockedPoints} points are in settlement, {neededPoints} are needed.",
         "精算手続き中は{lockedPoints}ポイントで、必要な{neededPoints}に足りません。"),
        ("PointSettledTooSmall", "{settledPoints} points are settled, {neededPoints} are needed.",
         "精算済みは{settledPoints}ポイントで、必要な{neededPoints}に足りません。"),
        ("PointSaleTerms", "These terms of sale do not fit: {payableDays}, {refundDays}, {ringDays} days.",
         "売上の日数の設定が正しくありません({payableDays}日、{refundDays}日、{ringDays}日)。"),
        ("PointClosed", "The series is closed; its points have a successor.",
         "このポイント種別は終了し、後継の種別へ引き継がれました。"),
        ("PointForeignSuccessor", "{successor} was not made to take over from this series, or is not registered.",
         "{successor}はこの種別の後継として作られていないか、登録されていません。"),
        ("PointNoSuccessor", "No successor is announced.", "後継の種別は告知されていません。"),
        ("PointClosableLater", "The series can be closed from {closableFrom} on.",
         "この種別を終了できるのは{closableFrom}からです。"),
        ("PointPredecessorOpen", "The series before, {predecessor}, is not closed yet.",
         "前の種別{predecessor}がまだ終了していません。"),
        ("PointNotPredecessor", "Only the series before this one may do this.", "前の種別だけができる操作です。"),
        ("PointNotCarried", "The points of {account} on the series before must be carried over first.",
         "口座{account}のポイントを、先に前の種別から移行してください。"),
        ("PointNotSuccessor", "Only the successor of this series may do this.", "後継の種別だけができる操作です。"),
        ("ProgrammeSeriesOpen", "The series {series} of programme {programme} is open; there is nothing to follow.",
         "事業{programme}の種別{series}は終了していないため、引き継ぐ先がありません。"),
        ("PointTotal", "The rows add up to {rowsPoints} points, not {totalPoints}.",
         "合計が一致しません(明細{rowsPoints}、合計欄{totalPoints})。"),
        ("PointListLengths", "{accounts} accounts and {amounts} amounts do not go together.",
         "口座{accounts}件と金額{amounts}件の数が合いません。"),
        # ----------------------------------------------------------------------------------- officers
        ("OfficersMissingRole", "{account} does not hold the office.", "{account}は必要な役職を持っていません。"),
        ("OfficersNotPlatform", "Only the platform may do this.", "基盤だけができる操作です。"),
        ("OfficersOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("OfficersAlreadyOpen", "The offices of {municipality} are open already.", "{municipality}の役職は開設済みです。"),
        ("OfficersUnknownRole", "There is no such office.", "そのような役職はありません。"),
        ("OfficersLastAdmin", "The last Admin cannot leave.", "最後の管理者は辞任できません。"),
        ("OfficersUnknownAct", "There is no such act {act}.", "そのような手続き{act}はありません。"),
        ("OfficersForeignTarget", "{target} is not of this municipality.", "{target}はこの自治体のものではありません。"),
        ("OfficersNeedsSecond", "This takes a second officer.", "2人目の職員の承認が必要です。"),
        ("OfficersNotOpen", "Proposal {proposalId} is not open any more.", "提案{proposalId}は処理済みです。"),
        ("OfficersOtherContents", "Proposal {proposalId} has other contents.", "提案{proposalId}の内容と異なります。"),
        ("OfficersSamePerson", "Whoever proposes cannot approve.", "提案した人は承認できません。"),
        ("OfficersAppointedLater", "{account} took office after the proposal.", "{account}の就任は提案より後です。"),
        ("OfficersTooEarly", "Proposal {proposalId} must wait until {timestamp}.",
         "提案{proposalId}は{timestamp}まで待つ必要があります。"),
        ("OfficersTooLate", "Proposal {proposalId} ended on {timestamp}.", "提案{proposalId}は{timestamp}で期限切れです。"),
        ("OfficersInvalidTerm", "The term of office cannot be so.", "任期が正しくありません。"),
        ("AccessControlUnauthorizedAccount", "{account} does not hold the office.", "{account}は必要な役職を持っていません。"),
        ("AccessControlBadConfirmation", "One can give up only one's own office.", "辞任できるのは本人だけです。"),
        # ---------------------------------------------------------------------------------- residents
        ("ResidentsOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("ResidentsAccountTaken", "The account {account} is somebody's already.", "口座{account}は登録済みです。"),
        ("ResidentsPersonRegistered", "The person is registered as number {number}.", "すでに利用者番号{number}で登録済みです。"),
        ("ResidentsWrongSignature", "The registration is not signed by {account}.", "登録の署名が口座{account}のものではありません。"),
        ("ResidentsUnknown", "There is no resident number {number}.", "利用者番号{number}は登録されていません。"),
        ("ResidentsOtherCommitment", "Resident {number} is recorded otherwise.", "利用者番号{number}の登録内容と異なります。"),
        ("ResidentsKeyVersion", "The key in use is version {current}, not {given}.", "鍵の版が異なります(現在{current}、指定{given})。"),
        ("ResidentsPreviousCommitment", "The former entry does not fit.", "以前の登録内容と合いません。"),
        ("ResidentsReplacementState", "The card re-issue of resident {number} does not stand there.",
         "利用者番号{number}の再発行手続きの段階が異なります。"),
        ("ResidentsReplacementTooEarly", "The re-issue must wait until {readyAt}.", "再発行は{readyAt}まで待つ必要があります。"),
        ("ResidentsSameOfficers", "{officer} took part before; others must decide now.", "{officer}は関与済みです。別の職員が行います。"),
        ("ResidentsCannotObject", "{caller} cannot object here.", "{caller}は異議を申し立てられません。"),
        ("ResidentsNoHeir", "Resident {heirNumber} cannot inherit here.", "利用者番号{heirNumber}は承継者になれません。"),
        ("ResidentsListLengths", "The lists differ in length: {first} and {second}.", "件数が一致しません({first}と{second})。"),
        # ---------------------------------------------------------------------------------- platform
        ("PlatformInvalidCode", "{municipality} is no municipality code.", "{municipality}は団体コードではありません。"),
        ("PlatformAlreadyRegistered", "{municipality} is registered already.", "{municipality}は登録済みです。"),
        ("PlatformNotRegistered", "{municipality} is not registered.", "{municipality}は登録されていません。"),
        ("PlatformInvalidService", "{service} cannot be offered as a service.", "{service}はサービスとして提供できません。"),
        ("PlatformForeignSeries", "The series {token} is another platform's.", "種別{token}は別の基盤のものです。"),
        ("PlatformSeriesTaken", "The series {token} is registered already.", "種別{token}は登録済みです。"),
        # --------------------------------------------------------------------------------- programmes
        ("ProgrammeOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("ProgrammeForeignSeries", "The series is not the municipality's.", "その種別はこの自治体のものではありません。"),
        ("ProgrammeUnknown", "There is no programme {programme}.", "事業{programme}はありません。"),
        ("ProgrammeUnknownOccurrence", "There is no occurrence {occurrence}.", "実施回{occurrence}はありません。"),
        ("ProgrammeUnknownBatch", "There is no list {batch}.", "名簿{batch}はありません。"),
        ("ProgrammePeriod", "The programme runs from {firstSecond} to {lastSecond}.", "事業の期間は{firstSecond}から{lastSecond}までです。"),
        ("ProgrammeExpiry", "Points cannot end so.", "有効期限の規則が正しくありません。"),
        ("ProgrammeFiscalYear", "That fiscal year ({fiscalYear}) has passed or is too far off.", "会計年度({fiscalYear}まで)が正しくありません。"),
        ("ProgrammeBudget", "{leftPoints} points of the budget are left, {neededPoints} are needed.",
         "予算の残りは{leftPoints}ポイントで、必要な{neededPoints}に足りません。"),
        ("ProgrammeOccurrenceOpen", "Occurrence {occurrence} is open already.", "実施回{occurrence}は開設済みです。"),
        ("ProgrammeBatchOpen", "This list was approved before, as {batch}.", "同じ名簿が{batch}として承認済みです。"),
        ("ProgrammeNoRows", "The list is empty.", "名簿が空です。"),
        ("ProgrammeBranch", "These rows do not fit the list.", "明細が名簿に合いません。"),
        ("ProgrammeOtherContents", "List {batch} was approved with other contents.", "名簿{batch}の承認内容と異なります。"),
        ("ProgrammeBatchStopped", "List {batch} was stopped.", "名簿{batch}は停止されています。"),
        ("ProgrammeBatchDead", "List {batch} ended with its fiscal year.", "名簿{batch}は年度末で失効しています。"),
        ("ProgrammeTotal", "List {batch} has {leftPoints} points left, {neededPoints} are needed.",
         "名簿{batch}の残りは{leftPoints}ポイントで、必要な{neededPoints}に足りません。"),
        ("ProgrammeRowRefused", "Row {row} of list {batch} cannot be granted.", "名簿{batch}の{row}行目は付与できません。"),
        ("ProgrammeUnknownRow", "List {batch} has no row {row}.", "名簿{batch}に{row}行目はありません。"),
        ("ProgrammeRowNotGranted", "Row {row} of list {batch} was not granted.", "名簿{batch}の{row}行目は付与されていません。"),
        ("ProgrammeOtherAccount", "{account} is not the account of resident {number}.", "{account}は利用者番号{number}の口座ではありません。"),
        ("ProgrammeRevokeTooLarge", "{leftPoints} points of the row can be taken back, not {neededPoints}.",
         "取り消せるのは残り{leftPoints}ポイントです(指定は{neededPoints})。"),
        # --------------------------------------------------------------------------------- settlement
        ("SettlementOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("SettlementForeignSeries", "The series is not the municipality's.", "その種別はこの自治体のものではありません。"),
        ("SettlementNotServed", "The series is settled elsewhere.", "その種別はこの精算サービスの対象ではありません。"),
        ("SettlementNotOwner", "Only the owner's key of the shop may ask for settlement.", "精算の請求は加盟店の代表者の鍵でのみできます。"),
        ("SettlementNothingOwed", "Nothing is left to settle.", "精算するポイントがありません。"),
        ("SettlementFiscalYear", "The list is of another fiscal year.", "別の会計年度の請求です。"),
        ("SettlementCutOff", "The cut-off {cutOff} does not fit.", "締め日時{cutOff}が正しくありません。"),
        ("SettlementOrder", "Shops must come in order, each once.", "加盟店の順序が正しくないか、重複しています。"),
        ("SettlementClaimTooLarge", "The claim of {merchant} is too large.", "加盟店{merchant}の請求が大きすぎます。"),
        ("SettlementClaimCount", "A list has 1 to {maxClaims} claims, not {claims}.", "請求は1件から{maxClaims}件までです(指定は{claims}件)。"),
        ("SettlementUnknownBatch", "There is no settlement {batch}.", "精算{batch}はありません。"),
        ("SettlementWrongState", "Settlement {batch} does not stand there.", "精算{batch}の段階が異なります。"),
        ("SettlementOtherClaims", "Settlement {batch} has other claims.", "精算{batch}の請求内容と異なります。"),
        ("SettlementPlaces", "Settlement {batch} has no such places.", "精算{batch}の指定箇所が正しくありません。"),
        ("SettlementPaperUsed", "The bank's paper was used for settlement {batch}.", "銀行の書類は精算{batch}で使用済みです。"),
        ("SettlementNoPaper", "The bank's paper must be named.", "銀行の書類が指定されていません。"),
        ("SettlementBooksClosed", "Those books closed on {closedAt}.", "その年度の出納は{closedAt}に閉鎖済みです。"),
        ("SettlementBooksOpen", "Those books are open until {closesAt}.", "その年度の出納は{closesAt}まで閉鎖できません。"),
        ("SettlementYearOrder", "Years are closed in their order.", "年度は順に締める必要があります。"),
        ("SettlementYearDiffers", "Points in ({inPoints}) and out ({outPoints}) differ.", "受入{inPoints}と払出{outPoints}が一致しません。"),
        # ----------------------------------------------------------------------------------- exchange
        ("ExchangeOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("ExchangeNotCouncil", "Only the council may do this.", "運用協議会だけができる操作です。"),
        ("ExchangeUnknownPartner", "There is no partner {partner}.", "協力企業{partner}は登録されていません。"),
        ("ExchangeKeyTaken", "The key {key} is in use.", "鍵{key}は使用中です。"),
        ("ExchangeNotPartner", "{caller} is no partner.", "{caller}は協力企業ではありません。"),
        ("ExchangePartnerSuspended", "The partner {partner} is suspended.", "協力企業{partner}は停止中です。"),
        ("ExchangeOtherKey", "Partner {partner} has another key now.", "協力企業{partner}の鍵が異なります。"),
        ("ExchangeKeyNotAccepted", "{municipality} has not accepted the key of partner {partner}.",
         "{municipality}は協力企業{partner}の鍵を承認していません。"),
        ("ExchangeNoTerms", "{municipality} has no terms with partner {partner}.", "{municipality}と協力企業{partner}に有効な交換条件がありません。"),
        ("ExchangeInvalidTerms", "The terms cannot be so.", "交換条件が正しくありません。"),
        ("ExchangeInvalidCampaign", "The campaign cannot be so.", "増量の条件が正しくありません。"),
        ("ExchangeForeignSeries", "The series is not the municipality's.", "その種別はこの自治体のものではありません。"),
        ("ExchangeNoMembership", "There is no resident {number} in {municipality}.", "{municipality}に利用者番号{number}の登録がありません。"),
        ("ExchangeReferenceUsed", "The partner's reference was used before.", "協力企業の管理番号は使用済みです。"),
        ("ExchangeAmount", "Exchange {minimum} to {maximum} in units of {unit}, not {partnerPoints}.",
         "交換は{minimum}から{maximum}まで{unit}単位です(指定は{partnerPoints})。"),
        ("ExchangePoints", "{points} points cannot be exchanged.", "{points}ポイントは交換できません。"),
        ("ExchangeDailyLimit", "{leftPoints} points are left today, {points} are too many.", "本日の残りは{leftPoints}ポイントです(指定は{points})。"),
        ("ExchangeYearlyLimit", "{leftPoints} points are left this year, {points} are too many.",
         "今年度の残りは{leftPoints}ポイントです(指定は{points})。"),
        ("ExchangeOutstandingLimit", "The partner would owe {outstandingPoints} of at most {limitPoints}.",
         "協力企業の未収が上限を超えます({outstandingPoints}/{limitPoints})。"),
        ("ExchangeStopped", "The held points cannot move now.", "留保ポイントは今は動かせません。"),
        ("ExchangeGasTooLow", "Too little gas for all of it.", "ガスが不足しています。"),
        ("ExchangeForeignAccount", "{account} is no resident's account in {municipality}.", "{account}は{municipality}の利用者の口座ではありません。"),
        ("ExchangeWrongSignature", "The signature is not that of {signer}.", "署名が{signer}のものではありません。"),
        ("ExchangeSignatureExpired", "The signature was valid until {validUntil}.", "署名は{validUntil}で期限切れです。"),
        ("ExchangeNotReturnable", "These points cannot go back to the partner.", "このポイントは協力企業に戻せません。"),
        ("ExchangeInvalidCoupon", "The coupon cannot be issued.", "このクーポンは発行できません。"),
        ("ExchangeCouponNotOpen", "The coupon is unknown, redeemed or cancelled.", "クーポンは無効か、使用済みか、取消し済みです。"),
        ("ExchangeCouponExpired", "The coupon was valid until {validUntil}.", "クーポンは{validUntil}で期限切れです。"),
        ("ExchangeCouponNotExpired", "The coupon is valid until {validUntil}.", "クーポンは{validUntil}まで有効です。"),
        ("ExchangeCouponElsewhere", "The coupon is for {municipality} only.", "クーポンは{municipality}専用です。"),
        ("ExchangeReceipt", "The bank's reference does not fit.", "入金の管理番号が正しくありません。"),
        # -------------------------------------------------------------------------------------- bonus
        ("BonusOnlyByAct", "Only officers may do this, by a proceeding.", "職員の手続きによってのみできる操作です。"),
        ("BonusForeignSeries", "The series is not the municipality's.", "その種別はこの自治体のものではありません。"),
        ("BonusUnknownCampaign", "There is no campaign {campaign}.", "還元{campaign}はありません。"),
        ("BonusDays", "The days {firstDay} to {lastDay} do not fit.", "還元の期間({firstDay}から{lastDay})が正しくありません。"),
        ("BonusRate", "The rate {numerator}/{denominator} does not fit.", "還元率{numerator}/{denominator}が正しくありません。"),
        ("BonusLimits", "The cap {capPoints} and the budget {budgetPoints} do not fit.", "上限{capPoints}と予算{budgetPoints}が正しくありません。"),
        ("BonusEndsTooEarly", "The points would end before they are given.", "有効期限が付与より先に来ます。"),
        ("BonusAwardDays", "{awardDays} days are too few, {neededDays} are needed.", "付与の日数{awardDays}は足りません(必要{neededDays})。"),
        # ---------------------------------------------------------------------------------- libraries
        ("AddressEmptyCode", "There is no contract at {target}.", "{target}に契約がありません。"),
        ("ECDSAInvalidSignature", "The signature is not valid.", "署名が正しくありません。"),
        ("ECDSAInvalidSignatureLength", "The signature is not valid.", "署名の長さが正しくありません。"),
        ("ECDSAInvalidSignatureS", "The signature is not valid.", "署名の形が正しくありません。"),
        ("FailedCall", "A call inside failed.", "内部の呼び出しに失敗しました。"),
        ("FailedDeployment", "A deployment inside failed.", "内部の配置に失敗しました。"),
        ("InsufficientBalance", "The contract holds {balance}, {needed} is needed.", "契約の残高{balance}が必要な{needed}に足りません。"),
        ("InvalidShortString", "A text is not valid.", "文字列が正しくありません。"),
        ("MissingPrecompile", "The chain lacks a function.", "チェーンに必要な機能がありません。"),
        ("SafeCastOverflowedIntDowncast", "A number is too large.", "数値が大きすぎます。"),
        ("SafeCastOverflowedIntToUint", "A number is negative.", "数値が負です。"),
        ("SafeCastOverflowedUintDowncast", "A number is too large.", "数値が大きすぎます。"),
        ("SafeCastOverflowedUintToInt", "A number is too large.", "数値が大きすぎます。"),
        ("StringTooLong", "A text is too long.", "文字列が長すぎます。"),
        ("StringsInsufficientHexLength", "A number is too large.", "数値が大きすぎます。"),
    )
}  # fmt: skip
"""By name of the custom error, with its arguments by name."""

ISSUES: dict[PaymentIssue, Bilingual] = {
    PaymentIssue.NONE: Bilingual("Paid.", "お支払いが済みました。"),
    PaymentIssue.AMOUNT_OUT_OF_RANGE: Bilingual("The amount is 0 or too large.", "金額が0か、大きすぎます。"),
    PaymentIssue.ALREADY_PAID: Bilingual("Paid before; nothing is left to do.", "すでにお支払い済みです。"),
    PaymentIssue.SALE_USED: Bilingual(
        "Somebody else paid this sale, or with another amount, or it was voided.",
        "この売上は別の方・別の金額で支払われたか、取り消されています。",
    ),
    PaymentIssue.DAY_OUT_OF_RANGE: Bilingual(
        "The sale's day is to come or too long ago: compare the till's clock.",
        "売上の日付が先か、古すぎます。レジの時計を確かめてください。",
    ),
    PaymentIssue.EXPIRED: Bilingual(
        "The payment was signed for a time that has passed.", "支払いの署名の期限が過ぎています。"
    ),
    PaymentIssue.PAYER_STOPPED: Bilingual(
        "The resident's account is stopped. Please ask the town hall.",
        "利用者の口座が停止中です。市町村の窓口にお尋ねください。",
    ),
    PaymentIssue.WRONG_SIGNATURE: Bilingual(
        "The signature is not the resident's, or the resident has cancelled it.",
        "署名が利用者のものではないか、取り消されています。",
    ),
    PaymentIssue.NOT_ENOUGH_POINTS: Bilingual("Not enough points.", "ポイントが足りません。"),
    PaymentIssue.MERCHANT_NOT_ACTIVE: Bilingual(
        "The shop cannot be paid at present.", "この加盟店は現在お支払いを受けられません。"
    ),
    PaymentIssue.PAUSED: Bilingual("These points are paused.", "このポイントは緊急停止中です。"),
    PaymentIssue.SERIES_CLOSED: Bilingual(
        "These points have moved to a new series.", "このポイントは新しい種別へ移りました。"
    ),
    PaymentIssue.PREDECESSOR_UNASKED: Bilingual(
        "The series before has not been asked yet.", "前の種別への照会が済んでいません。"
    ),
}
"""What becomes of a payment, in a till's and a resident's words."""

ANSWERS = ISSUES | {
    PaymentIssue.NONE: Bilingual(
        "Nothing stands in the way. From issueOf: payable, not paid yet. From payBatch: paid.",
        "支払いを妨げるものはありません。issueOfの答えでは「支払える」の意味で、支払い済みではありません。payBatchの答えでは支払い済みです。",
    )
}
"""What the numbers mean to a program that asks the contracts."""

UNKNOWN = Bilingual(
    "The chain refused it without a reason that is known here.", "チェーンが理由不明で拒否しました。"
)


def sentence_of(name: str, arguments: Mapping[str, Any]) -> Bilingual:
    """Return a custom error as a sentence; a general one if it is unknown."""
    sentence = SENTENCES.get(name)
    if sentence is None:
        return UNKNOWN
    shown = {key: _shown(key, value) for key, value in arguments.items()}
    return Bilingual(
        sentence.english.format_map({key: value.english for key, value in shown.items()}),
        sentence.japanese.format_map({key: value.japanese for key, value in shown.items()}),
    )


def issue_sentence(issue: PaymentIssue) -> Bilingual:
    """Return why a payment was not made, as a sentence."""
    return ISSUES[issue]


def label_kinds() -> dict[str, str]:
    """Return how each argument is shown that is no plain number: moment, month, day, sale, code or bare."""
    kinds = {
        moment_label: "moment", end_label: "month", day_label: "day", _bare: "bare", sale_label: "sale",
        _code: "code",
    }  # fmt: skip
    return {name: kinds[label] for name, label in _LABELS.items()}


def day_label(day: int) -> Bilingual:
    """Return a day counted from 1 January 2000 = 0: 2026-04-10 and 2026年4月10日."""
    shown = date(2000, 1, 1) + timedelta(days=day)
    return Bilingual(shown.isoformat(), f"{shown.year}年{shown.month}月{shown.day}日")


def sale_label(sale: int) -> Bilingual:
    """Return a sale's number as people say it: 2026-04-10 No. 17 and 2026年4月10日17番."""
    day = day_label(day_of_sale(sale))
    return Bilingual(f"{day.english} No. {serial_of_sale(sale)}", f"{day.japanese}{serial_of_sale(sale)}番")


def end_label(month: int) -> Bilingual:
    """Return the month with which points end, or that they do not."""
    return Bilingual("without end", "期限なし") if month >= NEVER_MONTH else month_label(month)


def _shown(name: str, value: Any) -> Bilingual:
    label = _LABELS.get(name)
    if label is None or not isinstance(value, int) or isinstance(value, bool):
        label = _plain
    try:
        return label(value)
    except (ValueError, OverflowError, OSError):  # a number that is no time of this calendar
        return _plain(value)


def _plain(value: Any) -> Bilingual:
    if isinstance(value, bytes):
        value = "0x" + value.hex()
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return Bilingual(text, text)


def _bare(value: int) -> Bilingual:
    return Bilingual(str(value), str(value))


def _code(value: int) -> Bilingual:
    return Bilingual(f"{value:06d}", f"{value:06d}")


_LABELS: dict[str, Callable[[int], Bilingual]] = {
    **dict.fromkeys(
        (
            "untilTimestamp", "fromTimestamp", "closableFrom", "validUntil", "timestamp", "firstSecond", "lastSecond",
            "closedAt", "closesAt", "cutOff", "readyAt",
        ),
        moment_label,
    ),
    **dict.fromkeys(
        ("month", "fromMonth", "toMonth", "firstMonth", "lastMonth", "earliestMonth", "expiryMonth", "epoch",
         "fiscalYear"),
        end_label,
    ),
    **dict.fromkeys(("firstDay", "lastDay", "today"), day_label),
    **dict.fromkeys(("number", "heirNumber", "batch", "programme", "occurrence", "proposalId", "partner",
                     "campaign", "row", "code"), _bare),
    "sale": sale_label,
    "municipality": _code,
}  # fmt: skip
