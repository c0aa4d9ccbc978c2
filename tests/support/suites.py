"""The public test suites: in $CORDWAIN_SUITES, by default ../shared/suites beside the repository. None of them is ours."""
import os
import pathlib

SUITES = pathlib.Path(os.environ.get("CORDWAIN_SUITES", pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "suites"))


def there(name):
    """Whether the suite is here; where it is not, its cases are reported as skipped."""
    if (SUITES / name).is_dir():
        return True
    print(f"skip - {name}: not found (set CORDWAIN_SUITES)", flush=True)
    return False
