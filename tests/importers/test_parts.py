"""Parts of importers that are functions of one text: what each text becomes."""

from __future__ import annotations

import pytest

from rem_cli.importers.ansible_model import TooMany, expand
from rem_cli.importers.draft import Draft
from rem_cli.importers.keys import as_hostname, as_key
from rem_cli.importers.ledger import Spot
from rem_cli.importers.nagios_commands import NoProgram, argv, own_check, split_check
from rem_cli.importers.on_calendar import NotCron, as_cron
from rem_cli.importers.shell import name_of
from rem_cli.importers.spans import NoSpan, seconds
from rem_cli.importers.unit_words import words
from rem_cli.importers.writer import key, text
from rem_cli.language.names import key_problem
from rem_cli.language.source import read
from rem_cli.language.telltale import holds_secret, names_secret


@pytest.mark.parametrize(
    ("expression", "schedule", "zone"),
    [
        ("daily", "0 0 * * *", None),
        ("weekly", "0 0 * * mon", None),
        ("quarterly", "0 0 1 1,4,7,10 *", None),
        ("*-*-* 02:30:00", "30 2 * * *", None),
        ("02:30", "30 2 * * *", None),
        ("Mon..Fri 04:15", "15 4 * * mon-fri", None),
        ("Sat,Sun 12:00 Europe/Berlin", "0 12 * * sat,sun", "Europe/Berlin"),
        ("*-*-* 6,18:00", "0 6,18 * * *", None),
        ("*-2/4-1 00:00", "0 0 1 2-12/4 *", None),
        ("Fri..Sun 12:00", "0 12 * * 5-7", None),
        ("Mon..Sun 12:00", "0 12 * * *", None),
        ("Monday *-*-* 08:00 UTC", "0 8 * * mon", "UTC"),
        ("*:0/15", "*/15 * * * *", None),
        ("*:5/15", "5-59/15 * * * *", None),
        ("*-*-01..07 00:00", "0 0 1-7 * *", None),
        ("*-01,07-01 00:00:00", "0 0 1 1,7 *", None),
        ("03-05 00:00", "0 0 5 3 *", None),
        ("hourly UTC", "0 * * * *", "UTC"),
    ],
)
def test_a_calendar_expression_becomes_a_schedule(expression: str, schedule: str, zone: str | None) -> None:
    found = as_cron(expression)
    assert (found.schedule, found.zone) == (schedule, zone)


@pytest.mark.parametrize(
    "expression",
    [
        "", "*-*~01 00:00", "2027-01-01 00:00", "*:*:30", "*-*-* 00:00:00.5", "Mon *-*-01 00:00", "nonsense", "25:00",
        "*-13-01", "Mon..Xyz 00:00",
        "Sat..Mon 12:00", "*:0/0", "*-*-* 00:00 Europe/Berlin more words", "1..2..3:00", "x" * 400,
    ],
)  # fmt: skip
def test_what_cron_cannot_say_is_refused_with_the_reason(expression: str) -> None:
    with pytest.raises(NotCron) as refused:
        as_cron(expression)
    assert str(refused.value)


@pytest.mark.parametrize(
    ("span", "expected"),
    [("90", 90), ("5min 20s", 320), ("1h30min", 5400), ("2 weeks", 1_209_600), ("500ms", 0.5), ("1month", 2_629_800)],
)
def test_a_span_is_seconds(span: str, expected: float) -> None:
    assert seconds(span) == expected


@pytest.mark.parametrize("span", ["", "infinity", "5 parsecs", "-5min", "1h and more"])
def test_what_is_no_span_is_refused(span: str) -> None:
    with pytest.raises(NoSpan):
        seconds(span)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/local/bin/backup.sh --full >/dev/null 2>&1", "backup"),
        ("cd /srv && /usr/bin/python3 /opt/report.py -v", "report"),
        ("test -x /usr/sbin/logrotate && /usr/sbin/logrotate /etc/logrotate.conf", "logrotate"),
        ("sudo -u www-data php /srv/artisan schedule:run", "artisan"),
        ("run-parts --report /etc/cron.hourly", "run-parts cron.hourly"),
        ("nice -n 10 ionice -c3 /usr/bin/updatedb", "updatedb"),
        ("test -x /c -a \\! -d /r && perl -e 'sleep int(rand(43200))' && certbot -q renew", "certbot"),
        ("A=1 B=2 certbot renew -q", "certbot"),
        ("[ -d /x ] && if true; then /usr/bin/clean; fi", "clean"),
        ("bash -c 'echo hello'", "bash"),
        ("/usr/bin/docker exec web nginx -s reload", "docker exec"),
        ("echo \"unclosed", "echo"),
        ("", "job"),
        ("> /dev/null", "job"),
    ],
)  # fmt: skip
def test_a_command_has_a_readable_name(command: str, name: str) -> None:
    assert name_of(command) == name


@pytest.mark.parametrize(
    ("pattern", "hosts", "port"),
    [
        ("web", ["web"], None),
        ("web:2222", ["web"], 2222),
        ("web[1:3]", ["web1", "web2", "web3"], None),
        ("web[08:11:3].x:22", ["web08.x", "web11.x"], 22),
        ("db-[a:c]", ["db-a", "db-b", "db-c"], None),
        ("r[1:2]-[x:y]", ["r1-x", "r1-y", "r2-x", "r2-y"], None),
        ("[2001:db8::1]:22", ["2001:db8::1"], 22),
        ("2001:db8::1", ["2001:db8::1"], None),
    ],
)
def test_a_pattern_is_its_hosts(pattern: str, hosts: list[str], port: int | None) -> None:
    assert expand(pattern, 0) == (hosts, port)


@pytest.mark.parametrize("pattern", ["web[1:", "web[3:1]", "web[a:9]", "web[01:100]", "web:http", "w[1:2:0]", "w]"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        expand(pattern, 0)


def test_hosts_are_counted_before_they_are_made() -> None:
    with pytest.raises(TooMany):
        expand("[a:z][1:999999999][1:999999999]", 0)
    with pytest.raises(TooMany):
        expand("web[1:2]", 9_999)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"/bin/echo 'a b' \"c\" d\x20e %%", ["/bin/echo", "a b", '"c"', "d e", "%%"]),
        (r'"it\'s" \t \101 \u00e9', ["it's", "\t", "A", "\u00e9"]),
        ("  ", []),
        ('"open', None),
    ],
)
def test_words_are_parted_as_systemd_does_it(line: str, expected: list[str] | None) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "arguments", "expected"),
    [
        ("$USER1$/check_x -H $HOSTADDRESS$ -w $ARG1$", ["5 6"], "check_x -H 192.0.2.1 -w 5 6"),
        ("/x/check_x -a '$ARG1$'", ["a; b"], "check_x -a a; b"),
        ("/x/check_x $ARG2$", ["only one"], "check_x"),
        ("/x/check_x $$", [], "check_x $"),
    ],
)
def test_macros_are_filled_in(line: str, arguments: list[str], expected: str) -> None:
    found, _ = argv(line, arguments, {"HOSTADDRESS": "192.0.2.1"})
    assert " ".join([found[0].rpartition("/")[2], *found[1:]]) == expected


@pytest.mark.parametrize(
    "line",
    [
        "/x/check_x; touch canary", "/x/check_x | tee y", "/x/check_x `id`", "/x/check_x $(id)", '/x/check_x "$(id)"',
        "/x/check_x > /tmp/y", "/x/check_x &", "/x/check_x *", "/x/check_x $USER3$", "/x/check_x $SERVICEOUTPUT$",
        "/x/check_x --password=hunter2", "/x/check_x 'open", "", "$ARG1$",
    ],
)  # fmt: skip
def test_what_needs_a_shell_or_a_secret_is_no_program(line: str) -> None:
    with pytest.raises(NoProgram):
        argv(line, ["x; y"], {})


def test_an_exclamation_mark_parts_arguments() -> None:
    assert split_check(r"check_x!a b!c\!d!") == ("check_x", ["a b", "c!d", ""])


@pytest.mark.parametrize(
    ("plug_in", "expected"),
    [
        ("check_ping -H a -w 100,20% -c 500,60% -p 5", {"kind": "ping"}),
        ("check_tcp -H a -p 25", {"kind": "tcp", "port": 25}),
        ("check_http -I a", {"kind": "http", "url": "http://a/"}),
        ("check_http -H a -S -p 8443 -u /x", {"kind": "http", "url": "https://a:8443/x"}),
        ("check_http -H other", None),
        ("check_http -I a -s text", None),
        ("check_http -I a --ssl", None),
        ("check_tcp -H a", None),
        ("check_tcp -H a -p 99999", None),
        ("check_disk -w 5%", None),
    ],
)
def test_only_what_does_the_same_is_a_check_of_rem(plug_in: str, expected: dict[str, str | int] | None) -> None:
    assert own_check(plug_in.split(), "a") == expected


@pytest.mark.parametrize(
    "name", ["password", "db_password", "API_TOKEN", "ansible_become_pass", "community", "ssh_key", "DBPASS"]
)
def test_these_names_are_of_secrets(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize("name", ["user", "ansible_ssh_private_key_file", "token_path", "monkey", "path", "compass"])
def test_these_names_are_not(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    "line",
    [
        "--password=x1", "mysqldump -u root -pS3cret shop", "curl -u ana:x https://h/", "https://ana:x@h/",
        "token: abc",
        "check_snmp!-C public -o sysUpTime.0", "check_http -a ana:x", "check_mysql -p x",
        'curl -H "Authorization: Basic eA=="', "sshpass -p x ssh h", "--api-key abc", "PGPASSWORD=x psql",
    ],
)  # fmt: skip
def test_these_lines_hold_a_secret(line: str) -> None:
    assert holds_secret(f"run {line}")


@pytest.mark.parametrize(
    "line",
    [
        "pass the butter",
        "--password-file=/x",
        "reset the password",
        "mysqldump shop",
        "https://h:80/",
        "-p 5",
        "check_tcp -p 25",
    ],
)
def test_these_lines_hold_none(line: str) -> None:
    assert not holds_secret(f"run {line}")


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "../x", ".git", "-rf", "+key", "!unset", "a\nb", "\u202ex", "é" * 200, "аb"]
)
def test_every_name_has_a_key(name: str) -> None:
    assert key_problem(as_key(name)) is None
    assert not as_key(name).startswith(("+", "!"))


def test_names_that_differ_by_case_have_two_keys() -> None:
    draft = Draft("legacy")
    draft.ledger.files["f"] = {}
    made = [draft.item("hosts", ("Web", as_hostname(name)), Spot("f", 1)).path for name in ("A b", "a-b", "A b")]
    assert made == ["legacy/hosts/Web/A-b", "legacy/hosts/Web/a-b-2", "legacy/hosts/Web/A-b"]
    again = [draft.fresh("jobs", ("g", name), Spot("f", 1)).keys[-1] for name in ("x", "x 2", "x", "x", "X")]
    assert again == ["x", "x 2", "x 3", "x 4", "X 5"]


@pytest.mark.parametrize(
    "value",
    [
        "plain", "", " ", "true", "no", "1.10", "0644", "null", "~", "a: b", "a #b", "#a", "- a", "-a", "@a", "%a",
        "!a",
        "&a", "*a", "a*", "?", ":", "a:", "[a", "{a", "'a", '"a"', "say \"hi\"", "it's", "a\nb", "a\n", "\n",
        "a\tb",
        "a\\b", "\x85", "\u2028", "\ufeff", "\x7f", "é", "${a}", "$${a}", "$a", "---", "...", "<<", "a ", "|", ">",
        "`a",
    ],
)  # fmt: skip
def test_a_text_is_read_back_as_it_was(value: str) -> None:
    source = read("x", f"k: {text(value)}\n".encode())
    assert source.findings == []
    assert source.data == {"k": value.replace("${", "$${")}
    keyed = read("x", f"{key(value)}: 1\n".encode())
    assert (keyed.findings, keyed.data) == ([], {value: 1})
