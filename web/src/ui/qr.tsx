import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import encodeQR from "qr";
import { frameLoop, QRCanvas, rearCamera } from "qr/dom.js";
import { t } from "@/lib/bilingual";
import { Notice } from "./shell";

const QUIET_MODULES = 4;
const SAME_CODE_MILLISECONDS = 4_000;

/** A text as QR code. L: a screen is not dirty paper, and a smaller code is read from further away. */
export function QrPicture({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const rows = encodeQR(text, "raw", { ecc: "low", border: QUIET_MODULES });
    const dots = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")));
    return { size: rows.length, path: dots.join("") };
  }, [text]);
  return (
    <figure class="qr">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
        <rect width={size} height={size} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
    </figure>
  );
}

/** Reads a QR code by the camera, or its text from a field; hands over whatever begins like a payment code. */
export function Scanner({
  hint,
  onText,
  busy,
}: {
  hint: string;
  onText: (text: string) => void;
  busy?: boolean;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const [isBlind, setBlind] = useState(false);
  const [typed, setTyped] = useState("");
  const taken = useRef("");
  const take = useRef(onText);
  take.current = onText;

  useEffect(() => {
    let stop = () => {};
    let isOver = false;
    const start = async () => {
      if (!video.current) return;
      const canvas = new QRCanvas({}, { cropToSquare: false });
      const camera = await rearCamera(video.current);
      if (isOver) return camera.stop();
      let isReading = false;
      const endLoop = frameLoop(async () => {
        if (isReading) return;
        isReading = true;
        // The camera's own pixels: on a phone's screen the picture is too small for a dense code, and out of shape.
        const read = await camera.readFrame(canvas, true).catch(() => undefined);
        isReading = false;
        // The same code stays before the camera for a while: it is handed over once in that time.
        if (
          typeof read === "string" &&
          read.startsWith("jichitai-points:") &&
          read !== taken.current &&
          !isOver
        ) {
          taken.current = read;
          setTimeout(() => {
            taken.current = "";
          }, SAME_CODE_MILLISECONDS);
          take.current(read);
        }
      });
      stop = () => {
        endLoop();
        camera.stop();
      };
    };
    start().catch(() => setBlind(true));
    return () => {
      isOver = true;
      stop();
    };
  }, []);

  return (
    <div class="stack scanner">
      <p class="hint">{hint}</p>
      {isBlind ? (
        <Notice kind="warning">
          {t(
            "カメラを使えません。ブラウザーの設定でカメラを許可するか、コードの文字列を貼り付けてください。",
            "The camera cannot be used. Allow it in the browser's settings, or paste the code's text.",
          )}
        </Notice>
      ) : (
        <div class="viewfinder">
          <video ref={video} muted playsInline aria-label={t("カメラの映像", "What the camera sees")} />
        </div>
      )}
      <details open={isBlind}>
        <summary>{t("文字列で受け取る", "Take the code as text")}</summary>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            onText(typed);
          }}
        >
          <label>
            {t("コードの文字列", "Text of the code")}
            <textarea
              rows={4}
              value={typed}
              spellcheck={false}
              autocomplete="off"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <button type="submit" disabled={typed.trim() === "" || busy}>
            {t("この文字列を使う", "Use this text")}
          </button>
        </form>
      </details>
    </div>
  );
}
