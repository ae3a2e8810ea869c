(() => {
  const area = document.querySelector(".rows");
  const say = document.querySelector(".say");
  const rows = [...area.querySelectorAll(".row")].map(row => ({
    model: row.dataset.model, here: row.querySelector(".here"), hits: [...row.querySelectorAll(".hit")],
  }));
  const all = rows.flatMap(r => r.hits);
  let pinned = null;

  const mark = key => {
    area.classList.toggle("marking", key !== null);
    const at = [];
    let name = "";
    for (const r of rows) {
      let rank = 0;
      for (const h of r.hits) {
        const same = key !== null && h.dataset.key === key;
        h.classList.toggle("marked", same);
        if (same) { rank = +h.dataset.rank; name = h.dataset.name; }
      }
      r.here.textContent = key === null ? "" : rank ? `rank ${rank}` : `not among ${r.hits.length}`;
      r.here.classList.toggle("absent", !rank);
      at.push(`${r.model} ${rank || "–"}`);
    }
    say.textContent = key === null ? "" : `\u2068${name}\u2069: ${at.join(" · ")}`;
  };
  const pin = key => {
    pinned = key;
    for (const h of all) h.setAttribute("aria-pressed", String(key !== null && h.dataset.key === key));
    mark(key);
  };
  const hit = e => e.target.closest?.(".hit");

  area.addEventListener("pointerover", e => {
    if (e.pointerType === "mouse") mark(hit(e)?.dataset.key ?? pinned);
  });
  area.addEventListener("pointerleave", () => mark(pinned));
  area.addEventListener("focusin", e => { if (hit(e)?.matches(":focus-visible")) mark(hit(e).dataset.key); });
  area.addEventListener("focusout", () => mark(pinned));
  area.addEventListener("click", e => {
    const h = hit(e);
    if (h) pin(h.dataset.key === pinned ? null : h.dataset.key);
  });

  // One tab stop a row; arrows move within and between rows.
  for (const r of rows) r.hits.forEach((h, i) => { h.tabIndex = i ? -1 : 0; });
  area.addEventListener("keydown", e => {
    if (e.key === "Escape") return pin(null);
    const h = hit(e);
    if (!h) return;
    const y = rows.findIndex(r => r.hits.includes(h));
    const x = rows[y].hits.indexOf(h);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key];
    const row = step && rows[y + step[0]];
    const next = row && row.hits[Math.min(x + step[1], step[0] ? row.hits.length - 1 : Infinity)];
    if (!next) return;
    e.preventDefault();
    for (const o of row.hits) o.tabIndex = o === next ? 0 : -1;
    next.focus();
  });
})();
