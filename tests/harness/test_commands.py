"""Every command of the registry, killed between its statements, leaves whole books.

The usual run draws a few places per command, more of those in several transactions; `make
test-long` takes every place, and kills the whole server as well as the client. KILL_SEED draws
another sample.
"""

from __future__ import annotations

import os

import pytest

from tests.harness.commands import BY_NAME, COMMANDS
from tests.harness.covered import KILLED, SILENT
from tests.harness.kills import kill_everywhere
from tests.harness.lab import Lab, path_of

# Side by side those that begin in the same scene, which is then made once.
NAMES = [each.name for each in sorted(COMMANDS, key=lambda each: (path_of(each.setup), each.name))]
SEED = int(os.environ.get("KILL_SEED", "1"))
SAMPLE = 2
TAKEN_UP = 5


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(COMMANDS)


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_a_few_places(lab: Lab, name: str) -> None:
    sample = TAKEN_UP if BY_NAME[name].again else SAMPLE
    report = kill_everywhere(lab, BY_NAME[name], sample=sample, seed=SEED)
    assert report.kills == sample < report.places
    assert report.commits >= 1
    assert report.commits == 1 or BY_NAME[name].again, "several transactions, taken up by nobody"
    proved = {service for service, command in KILLED.items() if command == name}
    assert not proved - report.services, "it does not run what it is to prove"
    assert bool(report.events) == (name not in SILENT), f"it tells {report.events}"


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_killed_everywhere(lab: Lab, name: str) -> None:
    report = kill_everywhere(lab, BY_NAME[name])
    assert report.kills == report.places > 2 * SAMPLE


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_server_killed_everywhere(lab: Lab, name: str) -> None:
    report = kill_everywhere(lab, BY_NAME[name], whom="server")
    assert report.kills == report.places > 2 * SAMPLE
