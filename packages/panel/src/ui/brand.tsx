/** The mark and the name. */
export function Brand() {
  return (
    <span className="mp-brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="7" className="mp-brand__field" />
        <path d="M8 23V11l8 7 8-7v12" className="mp-brand__letter" />
        <circle cx="16" cy="8" r="2" className="mp-brand__dot" />
      </svg>
      <span>Muster</span>
    </span>
  );
}
