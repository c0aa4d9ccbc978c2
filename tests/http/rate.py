#!/usr/bin/env python3
"""Black-box tests of --rate-limit: the burst and one above it, per address and per key.

Usage: rate.py [path of cordwain]; prints one TAP-like line per case.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import server
from server import problem

SLOW = 1  # a second is long enough that the burst is used up before it refills much


def told(answer, who):
    policy = re.fullmatch(rf'"{who}";q=(\d+);w=10', answer["RateLimit-Policy"])
    left = re.fullmatch(rf'"{who}";r=(\d+);t=(\d+)', answer["RateLimit"])
    assert policy and int(policy[1]) == 10 * SLOW and left, answer.fields
    return int(left[1])


def use_up(s, target, who, key=None, method="GET"):
    """Ask until refused; how often that went well, and the refusal."""
    for count in range(200):
        answer = s.request(method, target, key=key)
        left = told(answer, who)
        if answer.status == 429:
            assert left == 0 and int(answer["Retry-After"]) == 1, answer.fields
            problem(answer, 429, "rate.exceeded")
            return count
    raise AssertionError("never refused")


def an_address_has_its_burst(s):
    assert 10 <= use_up(s, "/v1/products", "address") <= 60


def what_is_not_there_counts_too(s):
    use_up(s, "/v1/nothing", "address")
    assert use_up(s, "/v1/products", "address", method="PUT") < 10


def health_and_files_are_free(s):
    use_up(s, "/v1/products", "address")
    for target in ("/healthz", "/readyz", "/assets/cordwain.css"):
        answer = s.get(target)
        assert answer.status != 429 and not answer["RateLimit"], answer.fields


def a_key_has_a_bucket_of_its_own(s):
    use_up(s, "/v1/products", "address")
    assert 10 <= use_up(s, "/v1/stock", "key", key=s.designer) <= 60
    use_up(s, "/v1/products", "address")
    answer = s.get("/v1/facilities/FAC-PT-03/specs", key=s.facility)
    assert answer.status == 200 and told(answer, "key") == 9, answer.fields


def wrong_keys_cost_the_address(s):
    use_up(s, "/v1/stock", "address", key="wrong")
    assert use_up(s, "/v1/products", "address") < 10


CASES = (an_address_has_its_burst, what_is_not_there_counts_too, health_and_files_are_free, a_key_has_a_bucket_of_its_own,
         wrong_keys_cost_the_address)


def main():
    cases = server.Cases()
    with server.Server(sys.argv[1] if len(sys.argv) > 1 else None, arguments=["--rate-limit", str(SLOW)]) as world:
        for case in CASES:
            cases.run(case, world)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())
