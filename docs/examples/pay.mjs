// A shop's first payment in plain viem: node pay.mjs RPC BOOK SERIES TILL_KEY PAYER_KEY POINTS SERIAL
// BOOK is the JSON of `python -m scripts.contract_book`; of it this program takes the ABI, nothing else of ours.
import { readFileSync } from "node:fs";
import { createPublicClient, createWalletClient, defineChain, getContract, hexToBigInt, http, numberToHex,
         parseSignature } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const [rpc, book, address, tillKey, payerKey, points, serial] = process.argv.slice(2);
const { chain_id: id, abis } = JSON.parse(readFileSync(book, "utf8"));
const nativeCurrency = { name: "gas", symbol: "GAS", decimals: 18 };
const chain = defineChain({ id, name: "points", nativeCurrency, rpcUrls: { default: { http: [rpc] } } });
const reader = createPublicClient({ chain, transport: http() });
const [till, payer] = [tillKey, payerKey].map((key) => privateKeyToAccount(key));
const wallet = createWalletClient({ account: till, chain, transport: http() });
const point = getContract({ address, abi: abis.MunicipalPoint, client: { public: reader, wallet } });

// The till opens a sale: its number is the day in Japan since 1 January 2000, and a serial number of that day.
const { timestamp: now } = await reader.getBlock();
const sale = ((now + 9n * 3600n) / 86400n - 10957n) * 65536n + BigInt(serial);
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

// The till submits it; `terms` packs payer, sale, points and the last second.
const terms = (BigInt(payer.address) << 96n) | (sale << 64n) | (message.amountPoints << 35n) | message.validUntil;
const hash = await point.write.paySigned([till.address, terms, r, vs], { gasPrice: 0n });
const { status } = await reader.waitForTransactionReceipt({ hash, pollingInterval: 100 });
console.log(status === "success" ? "paid" : "refused", String(sale), String(await point.read.balanceOf([payer.address])));
