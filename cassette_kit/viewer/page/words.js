const MAX_CELLS = 4_000_000;
const WORD = /\s+|[\p{L}\p{N}_]+|[^]/gu;

/** The text in pieces, [piece, whether it differs from the other text], by words. */
const differing = (text, other) => {
  const [mine, theirs] = [text, other].map((one) => one.match(WORD) ?? []);
  const start = commonStart(mine, theirs);
  const end = commonStart(mine.slice(start).reverse(), theirs.slice(start).reverse());
  const middle = mine.slice(start, mine.length - end);
  const kept = keptWords(middle, theirs.slice(start, theirs.length - end));
  return joined([
    ...mine.slice(0, start).map((word) => [word, false]),
    ...middle.map((word, at) => [word, !kept.has(at)]),
    ...mine.slice(mine.length - end).map((word) => [word, false]),
  ]);
};

const commonStart = (one, other) => {
  const at = one.findIndex((word, place) => word !== other[place]);
  return at < 0 ? one.length : at;
};

/** The places in `mine` of what both have. Of several ways to match, both sides take the same. */
const keptWords = (mine, theirs) => {
  const isFirst = mine.join("") < theirs.join("");
  const matched = isFirst ? commonWords(mine, theirs) : commonWords(theirs, mine);
  return new Set(matched.map((places) => places[isFirst ? 0 : 1]));
};

/** The places of a longest common subsequence in both; none where its table would be too large. */
const commonWords = (one, other) => {
  if (one.length * other.length > MAX_CELLS) return [];
  const longest = lengths(one, other);
  const matched = [];
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    if (one[i] === other[j]) matched.push([i++, j++]);
    else if (longest(i + 1, j) >= longest(i, j + 1)) i++;
    else j++;
  }
  return matched;
};

/** How long the longest common subsequence is from a place in one and a place in the other on. */
const lengths = (one, other) => {
  const width = other.length + 1;
  const cells = new Uint32Array((one.length + 1) * width);
  const longest = (i, j) => cells[i * width + j];
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--)
      cells[i * width + j] =
        one[i] === other[j]
          ? 1 + longest(i + 1, j + 1)
          : Math.max(longest(i + 1, j), longest(i, j + 1));
  return longest;
};

const joined = (pieces) => {
  const whole = [];
  for (const [word, differs] of pieces) {
    if (whole.at(-1)?.[1] === differs) whole.at(-1)[0] += word;
    else whole.push([word, differs]);
  }
  return whole;
};
