import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import akin

TOKEN = "a-token-of-the-tests-42"


def wait_until(true: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
def test_a_killed_program_takes_its_server_along(folder: Path, program: str) -> None:
    code = f"import akin, time; c = akin.open({str(folder)!r}, program={program!r}); print(c._server._process._process.pid, flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout
    pid = int(child.stdout.readline())
    assert running(pid)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert wait_until(lambda: not running(pid))


def test_closing_leaves_nothing_behind(folder: Path, program: str) -> None:
    c = akin.open(folder, program=program)
    server = c._server._process  # type: ignore[union-attr]
    pid, place = server._process.pid, Path(server._folder)
    assert place.exists() and oct(place.stat().st_mode & 0o777) == "0o700"
    c.close()
    assert not running(pid) and not place.exists()
    with pytest.raises(akin.Error):
        c.search("Chad")


def test_a_server_elsewhere_wants_its_token(folder: Path, program: str) -> None:
    env = os.environ | {"AKIN_TOKEN": TOKEN}
    server = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "-c", str(folder)], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        assert re.match(r"http://127\.0\.0\.1:\d+/", address)
        with akin.connect(address, token=TOKEN) as s:
            (info,) = s.collections()
            c = s.collection(info.name)
            assert c.search("Chad", top=1)[0].name == "Romania"
            e = c.embeddings()  # sent, as its files are not ours
            assert not e.mapped and len(e) == info.pictures
            assert any(m.name == "mobilenetv2-gem" for m in s.models())
        with pytest.raises(akin.ForbiddenError, match="Bearer"):
            akin.connect(address, token="not-the-token-of-it-1")
    finally:
        server.terminate()
        server.wait()
