/* Making room for a choice that does not go with the others: which picks give way. */

export const without = (picks, ids) => Object.fromEntries(Object.entries(picks).filter(([id]) => !ids.includes(id)));

/* The value the option gets: a list grows by the choice, a flag's choice is "true" or "false". */
function wished(option, value, shown) {
  if (option.kind === 'multi') return [...(shown ?? []), value];
  return option.kind === 'flag' ? String(value) === 'true' : value;
}

/* All of the entries that fit together with `base`, by halving; later entries of the list give way first. */
async function fitting(probe, base, entries) {
  const all = { ...base, ...Object.fromEntries(entries) };
  if (!entries.length || (await probe(all)).consistent) return all;
  if (entries.length === 1) return base;
  const half = Math.ceil(entries.length / 2);
  return fitting(probe, await fitting(probe, base, entries.slice(0, half)), entries.slice(half));
}

/**
 * The server's best way to have the choice: the fewest other picks change, and among these the price the least. Of rules too hard
 * to compile it tells no repairs: then the largest part of the picks that still fits is kept, newest first.
 * @param probe  async (selections, ask) → the server's answer
 * @param shown  the option's value now, for lists
 * @returns the new picks, the wish last; null when the choice cannot be had at all
 */
export async function repair({ probe, picks, option, value, shown }) {
  const wish = { [option.id]: wished(option, value, shown) }, rest = without(picks, [option.id]), next = { ...rest, ...wish };
  const answer = await probe(next, { repairs: 1, keep: [option.id] });
  if (answer.consistent) return next;
  const best = answer.repairs?.[0];
  if (best) return { ...without(best.selections, [option.id]), ...wish };
  if (!answer.notExact?.includes('repairs') || !(await probe(wish)).consistent) return null;
  return { ...without(await fitting(probe, wish, Object.entries(rest).reverse()), [option.id]), ...wish };
}
