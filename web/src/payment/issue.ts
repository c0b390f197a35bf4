/** Why a payment of a sale is not made, as IMunicipalPoint.PaymentIssue numbers it. ALREADY_PAID counts as made. */
export const Issue = {
  NONE: 0,
  AMOUNT_OUT_OF_RANGE: 1,
  ALREADY_PAID: 2,
  SALE_USED: 3,
  DAY_OUT_OF_RANGE: 4,
  EXPIRED: 5,
  PAYER_STOPPED: 6,
  WRONG_SIGNATURE: 7,
  NOT_ENOUGH_POINTS: 8,
  MERCHANT_NOT_ACTIVE: 9,
  PAUSED: 10,
} as const;

export type Issue = (typeof Issue)[keyof typeof Issue];
