/* Making room for a choice that does not go with the others: which picks give way. */

export const without = (picks, ids) => Object.fromEntries(Object.entries(picks).filter(([id]) => !ids.includes(id)));

/* The value the option gets: a list grows by the choice, a flag's choice is "true" or "false". */
function wished(option, value, shown) {
  if (option.kind === 'multi') return [...(shown ?? []), value];
  return option.kind === 'flag' ? String(value) === 'true' : value;
}

/**
 * The server's best way to have the choice: the fewest other picks change, and among these the price the least.
 * @param probe  async (selections, ask) → the server's answer
 * @param shown  the option's value now, for lists
 * @returns the new picks, the wish last; null when the choice cannot be had at all
 */
export async function repair({ probe, picks, option, value, shown }) {
  const wish = { [option.id]: wished(option, value, shown) }, next = { ...without(picks, [option.id]), ...wish };
  const answer = await probe(next, { repairs: 1, keep: [option.id] });
  if (answer.consistent) return next;
  const best = answer.repairs?.[0];
  return best ? { ...without(best.selections, [option.id]), ...wish } : null;
}
