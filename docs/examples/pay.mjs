// A shop's first payment in plain viem: node pay.mjs RPC BOOK SERIES TILL_KEY PAYER_KEY POINTS SERIAL
// BOOK is the JSON of `python -m scripts.contract_book`; ABI, errors by selector, nothing else of ours is needed.
import { readFileSync } from "node:fs";
import { BaseError, createPublicClient, createWalletClient, decodeAbiParameters, defineChain, getContract,
         hexToBigInt, http, numberToHex, parseSignature } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const [rpc, book, address, tillKey, payerKey, points, serial] = process.argv.slice(2);
const { chain_id: id, abis, errors } = JSON.parse(readFileSync(book, "utf8"));
const nativeCurrency = { name: "gas", symbol: "GAS", decimals: 18 };
const chain = defineChain({ id, name: "points", nativeCurrency, rpcUrls: { default: { http: [rpc] } } });
const reader = createPublicClient({ chain, transport: http() });
const [till, payer] = [tillKey, payerKey].map((key) => privateKeyToAccount(key));
const wallet = createWalletClient({ account: till, chain, transport: http() });
const point = getContract({ address, abi: abis.MunicipalPoint, client: { public: reader, wallet } });

// The till opens a sale: its number is the day in Japan since 1 January 2000, and a serial number of that day.
const { timestamp: now } = await reader.getBlock();
const sale = ((now + 9n * 3600n) / 86400n - 10957n) * 65536n + BigInt(serial);
const [state] = await point.read.saleOf([till.address, sale]);
if (state) throw new Error(`sale ${sale} is used: take the next serial number, and keep the last one on disk`);
const message = {
  payer: payer.address, merchant: till.address, sale, amountPoints: BigInt(points), validUntil: now + 3600n,
  cancelEpoch: await point.read.cancelEpochOf([payer.address]),
};

// The payer's wallet signs it (eth_signTypedData_v4).
const Payment = Object.keys(message).map((name) => (
  { name, type: ["payer", "merchant"].includes(name) ? "address" : "uint256" }));
const domain = { name: "jichitai-points", version: "1", chainId: id, verifyingContract: address };
const signed = await payer.signTypedData({ domain, types: { Payment }, primaryType: "Payment", message });
const { r, s, yParity } = parseSignature(signed);
const vs = numberToHex(hexToBigInt(s) | (BigInt(yParity) << 255n), { size: 32 });

// The till submits it; `terms` packs payer, sale, points and the last second: each must fit, or it runs into the next.
if (message.validUntil >> 35n || message.amountPoints >> 29n) throw new Error("seconds, not milliseconds");
const terms = (BigInt(payer.address) << 96n) | (sale << 64n) | (message.amountPoints << 35n) | message.validUntil;
// Gas is free: viem would offer a tip, which a till without coins cannot pay. A refusal comes before anything is sent.
const hash = await point.write.paySigned([till.address, terms, r, vs], { gasPrice: 0n }).catch((error) => {
  const data = (error instanceof BaseError && error.walk((each) => each.raw)?.raw) || "0x";
  const known = errors[data.slice(0, 10)];
  if (!known) throw error;
  const values = decodeAbiParameters(known.arguments, `0x${data.slice(10)}`);
  const place = (name) => known.arguments.findIndex((each) => each.name === name);
  const said = (text) => text.replace(/{(\w+)}/g, (_, name) => String(values[place(name)]));
  console.error(`refused ${known.name}: ${said(known.ja)} / ${said(known.en)}`);
  process.exit(1);
});
const { status } = await reader.waitForTransactionReceipt({ hash, pollingInterval: 100 });
console.log(status === "success" ? "paid" : "refused", String(sale), String(await point.read.balanceOf([payer.address])));
