'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const sheets = [...document.querySelectorAll('.sheet')];
const canvas = document.getElementById('canvas'), g = canvas.getContext('2d');
const card = document.getElementById('card'), picture = document.getElementById('picture');
const filter = document.getElementById('filter'), colour = document.getElementById('colour'), count = document.getElementById('count');
const palette = ['#0a8f88', '#d95f02', '#6a5acd', '#d12f7f', '#4c9a2a', '#1f78b4', '#b8860b', '#b04a3a', '#7b3f9e', '#3f7f5f', '#c26a9a', '#5f7d95'];
const n = data.names.length;
let view = { x: 0, y: 0, scale: 1 }, least = 1, width = 0, height = 0, found = null, hovered = -1, cluster = -1, waiting = false, shown = [];

function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
function bounds() {
  let [l, t, r, b] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of data.places) { l = Math.min(l, x); r = Math.max(r, x); t = Math.min(t, y); b = Math.max(b, y); }
  return n ? [l, t, r, b] : [0, 0, 1, 1];
}
function showAll() {
  const [l, t, r, b] = bounds(), margin = Math.min(70, width / 8, height / 8);
  least = Math.min((width - 2 * margin) / Math.max(r - l, 1e-3), (height - 2 * margin) / Math.max(b - t, 1e-3));
  least = Math.max(1e-3, Math.min(least, 400));
  view = { x: (l + r) / 2, y: (t + b) / 2, scale: least };
}
const px = (x) => (x - view.x) * view.scale + width / 2;
const py = (y) => (y - view.y) * view.scale + height / 2;

function tint(i) {
  const c = colour.value === 'folder' ? data.folder[i] + 1 : data.clusters[i];
  return c > 0 ? palette[(c - 1) % palette.length] : style('--soft');
}
function tile(i) { return data.sizes[i] && data.sizes[i][0] ? data.sizes[i] : null; }
function drawTile(to, i, x, y, w, h) {
  const per = data.across * data.across, sheet = sheets[Math.floor(i / per)], [sw, sh] = data.sizes[i];
  const k = i % per;
  to.drawImage(sheet, k % data.across * data.side, Math.floor(k / data.across) * data.side, sw, sh, x, y, w, h);
}

function draw() {
  waiting = false;
  const dense = window.devicePixelRatio || 1;
  g.setTransform(dense, 0, 0, dense, 0, 0);
  g.clearRect(0, 0, width, height);
  // Pictures are as large as leaves most of them room, and grow as one comes nearer.
  const zoom = view.scale / least;
  const box = Math.max(18, Math.min(data.side || 18, 96, 0.5 * Math.sqrt(width * height / Math.max(n, 1)) * Math.pow(zoom, 0.6)));
  const taken = new Set(), cell = box, tints = new Map();
  shown = [];
  const small = [], large = [];
  for (let i = 0; i < n; i++) {
    const x = px(data.places[i][0]), y = py(data.places[i][1]);
    if (x < -box || y < -box || x > width + box || y > height + box) continue;
    const match = !found || found.has(i);
    if (tile(i) && match) {
      const [w, h] = data.sizes[i].map((v) => v * box / data.side);
      const l = Math.floor((x - w / 2) / cell * 2), r = Math.floor((x + w / 2) / cell * 2), t = Math.floor((y - h / 2) / cell * 2), b = Math.floor((y + h / 2) / cell * 2);
      let free = true;
      for (let a = l; a <= r && free; a++) for (let c = t; c <= b && free; c++) free = !taken.has(a * 100003 + c);
      if (free) {
        for (let a = l; a <= r; a++) for (let c = t; c <= b; c++) taken.add(a * 100003 + c);
        large.push([i, x, y, w, h]);
        continue;
      }
    }
    small.push([i, x, y, match]);
  }
  const dot = Math.max(1.6, Math.min(5, 2.2 * Math.sqrt(zoom), 260 / Math.sqrt(n)));
  for (const [i, x, y, match] of small) {
    g.globalAlpha = match ? 0.85 : 0.12;
    const key = colour.value === 'folder' ? data.folder[i] + 1 : data.clusters[i];
    if (!tints.has(key)) tints.set(key, tint(i));
    g.fillStyle = tints.get(key);
    g.beginPath(); g.arc(x, y, dot, 0, 7); g.fill();
    shown.push([i, x, y, dot + 3, dot + 3]);
  }
  g.globalAlpha = 1;
  for (const [i, x, y, w, h] of large) {
    g.strokeStyle = tint(i); g.lineWidth = 2;
    drawTile(g, i, x - w / 2, y - h / 2, w, h);
    g.strokeRect(x - w / 2 - 1, y - h / 2 - 1, w + 2, h + 2);
    shown.push([i, x, y, w / 2, h / 2]);
  }
  if (!data.side && n <= 5000 && n) { // no pictures: names, where they have room
    g.font = '12px ' + style('--sans'); g.fillStyle = style('--ink'); g.textAlign = 'left';
    const rows = new Set();
    for (const [i, x, y, match] of small) {
      if (!match) continue;
      const w = g.measureText(data.names[i]).width, a0 = Math.floor(x / 8), a1 = Math.floor((x + w + 8) / 8), c = Math.floor(y / 14);
      let free = true;
      for (let a = a0; a <= a1 && free; a++) free = !rows.has(a * 100003 + c);
      if (!free) continue;
      for (let a = a0; a <= a1; a++) rows.add(a * 100003 + c);
      g.fillText(data.names[i], x + dot + 3, y + 4);
    }
  }
  g.font = '600 13px ' + style('--sans'); g.textAlign = 'center'; g.lineJoin = 'round';
  const labels = [];
  if (colour.value === 'cluster') for (const l of data.labels) {
    const text = l.name + ' · ' + l.size, w = g.measureText(text).width, x = px(l.x), y = py(l.y);
    if (labels.some((o) => Math.abs(o.x - x) < (o.w + w) / 2 + 6 && Math.abs(o.y - y) < 20)) continue;
    labels.push({ x, y, w });
    g.lineWidth = 5; g.strokeStyle = style('--paper'); g.fillStyle = style('--ink');
    g.strokeText(text, x, y + 4); g.fillText(text, x, y + 4);
  }
  if (hovered >= 0) {
    g.strokeStyle = style('--ring'); g.lineWidth = 3;
    const s = shown.find((o) => o[0] === hovered);
    if (s) g.strokeRect(s[1] - s[3] - 3, s[2] - s[4] - 3, 2 * s[3] + 6, 2 * s[4] + 6);
  }
}
function redraw() { if (!waiting) { waiting = true; requestAnimationFrame(draw); } }

function resize() {
  const first = !width, box = canvas.getBoundingClientRect(), dense = window.devicePixelRatio || 1;
  width = box.width; height = box.height;
  canvas.width = width * dense; canvas.height = height * dense;
  if (first) showAll();
  draw();
}
function zoomAt(x, y, by) {
  const wx = (x - width / 2) / view.scale + view.x, wy = (y - height / 2) / view.scale + view.y;
  view.scale = Math.max(least / 2, Math.min(least * 400, view.scale * by));
  view.x = wx - (x - width / 2) / view.scale; view.y = wy - (y - height / 2) / view.scale;
  redraw();
}
function hover(x, y) {
  let best = -1, near = Infinity;
  for (const [i, sx, sy, w, h] of shown) {
    if (Math.abs(sx - x) <= w && Math.abs(sy - y) <= h) {
      const d = Math.hypot(sx - x, sy - y);
      if (d <= near) { near = d; best = i; }
    }
  }
  if (best !== hovered) { hovered = best; fill(); redraw(); }
  if (best >= 0) {
    card.style.left = Math.max(4, Math.min(width - card.offsetWidth - 8, x + 18)) + 'px';
    card.style.top = Math.max(4, Math.min(height - card.offsetHeight - 8, y + 18)) + 'px';
  }
}
function fill() {
  card.hidden = hovered < 0;
  if (hovered < 0) return;
  const i = hovered, t = tile(i);
  picture.hidden = !t;
  picture.style.display = t ? 'block' : 'none';
  if (t) {
    const k = Math.max(1, 170 / data.side) * Math.min(1.4, data.side / Math.max(...t));
    picture.width = 2 * t[0] * k; picture.height = 2 * t[1] * k;
    picture.style.width = t[0] * k + 'px'; picture.style.height = 'auto';
    drawTile(picture.getContext('2d'), i, 0, 0, picture.width, picture.height);
  }
  document.getElementById('name').textContent = data.names[i];
  const same = data.names.filter((_, j) => j !== i && data.places[j][0] === data.places[i][0] && data.places[j][1] === data.places[i][1]);
  document.getElementById('more').textContent = (same.length ? 'and at the same place: ' + same.slice(0, 5).join(', ') + (same.length > 5 ? ' …' : '') + '. ' : '') +
    (data.clusters[i] ? 'cluster ' + data.clusters[i] + ', like ' + data.labels[data.clusters[i] - 1].name : 'between clusters');
  document.getElementById('from').textContent = data.sources[i];
}
function leave() { hovered = -1; fill(); redraw(); }

const pointers = new Map();
canvas.addEventListener('pointerdown', (e) => {
  canvas.setPointerCapture(e.pointerId); pointers.set(e.pointerId, [e.offsetX, e.offsetY]); canvas.classList.add('dragging'); canvas.focus({ preventScroll: true });
});
canvas.addEventListener('pointermove', (e) => {
  const before = pointers.get(e.pointerId);
  if (!before) return hover(e.offsetX, e.offsetY);
  const other = [...pointers].find(([id]) => id !== e.pointerId);
  if (other) {
    const [ox, oy] = other[1];
    zoomAt(ox, oy, Math.hypot(e.offsetX - ox, e.offsetY - oy) / Math.max(1, Math.hypot(before[0] - ox, before[1] - oy)));
  } else {
    view.x -= (e.offsetX - before[0]) / view.scale; view.y -= (e.offsetY - before[1]) / view.scale;
  }
  pointers.set(e.pointerId, [e.offsetX, e.offsetY]);
  if (hovered >= 0) leave(); else redraw();
});
for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (e) => { pointers.delete(e.pointerId); canvas.classList.remove('dragging'); });
canvas.addEventListener('pointerleave', leave);
canvas.addEventListener('wheel', (e) => { e.preventDefault(); zoomAt(e.offsetX, e.offsetY, Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0016))); }, { passive: false });
canvas.addEventListener('keydown', (e) => {
  const step = 60 / view.scale, l = data.labels.length;
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  switch (e.key) {
    case 'ArrowLeft': view.x -= step; break;
    case 'ArrowRight': view.x += step; break;
    case 'ArrowUp': view.y -= step; break;
    case 'ArrowDown': view.y += step; break;
    case '+': case '=': return zoomAt(width / 2, height / 2, 1.4);
    case '-': return zoomAt(width / 2, height / 2, 1 / 1.4);
    case '0': showAll(); break;
    case 'n': case 'p': case 'N': case 'P':
      if (!l) return;
      cluster = (cluster + (e.key.toLowerCase() === 'n' ? 1 : l - 1 + (cluster < 0))) % l;
      view.x = data.labels[cluster].x; view.y = data.labels[cluster].y; view.scale = Math.max(view.scale, least * 3);
      count.textContent = 'Cluster ' + data.labels[cluster].number + ': ' + data.labels[cluster].size + ' like ' + data.labels[cluster].name;
      break;
    default: return;
  }
  e.preventDefault(); redraw();
});
document.getElementById('in').addEventListener('click', () => zoomAt(width / 2, height / 2, 1.6));
document.getElementById('out').addEventListener('click', () => zoomAt(width / 2, height / 2, 1 / 1.6));
document.getElementById('all').addEventListener('click', () => { showAll(); redraw(); });
colour.addEventListener('change', redraw);
if (data.folders.length < 2) { colour.hidden = true; document.querySelector('label[for=colour]').hidden = true; }
filter.addEventListener('input', () => {
  const words = filter.value.trim().toLowerCase();
  found = words ? new Set(data.names.flatMap((name, i) => name.toLowerCase().includes(words) ? [i] : [])) : null;
  count.textContent = found ? found.size + ' of ' + n : '';
  redraw();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
new ResizeObserver(resize).observe(canvas);
Promise.allSettled(sheets.map((s) => s.decode())).then(redraw);
