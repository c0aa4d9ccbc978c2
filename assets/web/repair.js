/* Making room for a choice that does not go with the others: which picks give way. */

export const without = (picks, ids) => Object.fromEntries(Object.entries(picks).filter(([id]) => !ids.includes(id)));

/* The value the option gets: a list grows by the choice, a flag's choice is "true" or "false". */
function wished(option, value, shown) {
  if (option.kind === 'multi') return [...(shown ?? []), value];
  return option.kind === 'flag' ? String(value) === 'true' : value;
}

/* Which pick the server names as the reason against the choice, asked while the option itself is free. */
async function blocker(probe, picks, option, value) {
  if (option.kind === 'text' || option.kind === 'number') return [];
  const answer = await probe(picks);
  const reason = answer.reasons[answer.options[option.id]?.choices?.[String(value)]?.reason];
  return reason?.option ? [reason.option] : [];
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
 * First the picks give way that reasons and issues name, one at a time; where they name none, the largest
 * part that still fits is kept, newest picks first.
 * @param probe  async (selections) → the server's answer
 * @param shown  the option's value now, for lists
 * @returns the new picks, the wish last; null when the choice cannot be had at all
 */
export async function repair({ probe, picks, option, value, shown }) {
  const wish = { [option.id]: wished(option, value, shown) };
  let rest = without(picks, [option.id]);
  for (let left = Object.keys(rest).length; left > 0; left--) {
    const answer = await probe({ ...rest, ...wish });
    if (answer.consistent) break;
    const named = (await blocker(probe, rest, option, value)).concat(answer.issues.map((issue) => issue.option)).find((id) => id in rest);
    if (named === undefined) {
      rest = without(await fitting(probe, wish, Object.entries(rest).reverse()), [option.id]);
      break;
    }
    rest = without(rest, [named]);
  }
  const next = { ...rest, ...wish };
  return (await probe(next)).consistent ? next : null;
}
