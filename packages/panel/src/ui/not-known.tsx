/** Stands where there is no value, for eyes and for screen readers. */
export function NotKnown({ because = 'not known' }: { because?: string }) {
  return (
    <span className="mp-quiet" title={because}>
      <span aria-hidden="true">–</span>
      <span className="pf-v6-screen-reader">{because}</span>
    </span>
  );
}
