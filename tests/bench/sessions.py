"""Shopping sessions: what shoppers ask one after the other, popular things more often than others.

A session asks once with nothing picked and then changes one thing with each click. Which option and which of its choices is
drawn by Zipf's law over the product's own order, and only what the answer before called possible is picked, as a page allows.
"""
import json
import random

OPTION_ZIPF, CHOICE_ZIPF = 1.0, 1.2


def zipf(items, exponent, dice):
    return dice.choices(items, [1 / (rank + 1) ** exponent for rank in range(len(items))])[0]


def make(ask, product, sessions, seed):
    """Lists of selections, one list per session; `ask(selections)` is the answer."""
    dice, known, made = random.Random(seed), {}, []
    for _ in range(sessions):
        picks, clicks = {}, [{}]
        for _ in range(dice.randint(4, 12)):
            text = json.dumps(picks)
            if text not in known:
                known[text] = ask(picks)["options"]
            options = {name: [choice for choice, told in option["choices"].items() if told["state"] == "possible"]
                       for name, option in known[text].items() if option["active"] and option.get("choices")}
            name = zipf([name for name, choices in options.items() if choices], OPTION_ZIPF, dice)
            choice = zipf(options[name], CHOICE_ZIPF, dice)
            if isinstance(known[text][name].get("value"), list):
                continue  # sets are not clicked here
            picks = {**picks, name: choice == "true" if choice in ("true", "false") else choice}
            clicks.append(picks)
        made.append(clicks)
    return made


def interleave(sessions, at_once):
    """The clicks of all, in the order a server sees them when so many shop at a time."""
    waiting, active = [list(session) for session in reversed(sessions)], []
    while waiting or active:
        while waiting and len(active) < at_once:
            active.append(waiting.pop())
        for session in active:
            yield session.pop(0)
        active = [session for session in active if session]


def with_before(sessions):
    """The same with pairs for clicks: the picks, and those of the click before; None: the first."""
    return [list(zip(session, [None, *session])) for session in sessions]


def different(clicks):
    """Of such pairs those that ask what none before asks: the order of picks does not matter."""
    return list({json.dumps(picks, sort_keys=True): (picks, before) for picks, before in reversed(list(clicks))}.values())[::-1]
