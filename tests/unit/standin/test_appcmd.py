# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from standin.host import Host
from standin.testing import SALES, MakeHost, appcmd

SITE, POOL = "Comindware sales", "Comindware sales"


def test_list_site(host: Host) -> None:
    port = host.instance("sales").port
    assert appcmd(host, "list", "site") == (
        0,
        (
            'SITE "Default Web Site" (id:1,bindings:http/*:80:,net.tcp/808:*,state:Stopped)\r\n'
            f'SITE "Comindware sales" (id:2,bindings:http/*:{port}:,state:Started)\r\n'
        ),
    )


def test_list_site_as_xml(host: Host) -> None:
    port = host.instance("sales").port
    assert appcmd(host, "list", "sites", "COMINDWARE Sales", "/xml") == (
        0,
        (
            '<?xml version="1.0" encoding="UTF-8"?>\r\n<appcmd>\r\n'
            f'  <SITE SITE.NAME="Comindware sales" SITE.ID="2" bindings="http/*:{port}:" state="Started" />\r\n'
            "</appcmd>\r\n"
        ),
    )


def test_list_site_with_its_configuration(host: Host) -> None:
    code, text = appcmd(host, "list", "site", SITE, "/config", "/xml")
    port = host.instance("sales").port
    assert code == 0
    assert text.split("\r\n")[3:-3] == [
        '    <site name="Comindware sales" id="2">',
        "      <bindings>",
        f'        <binding protocol="http" bindingInformation="*:{port}:" />',
        "      </bindings>",
        '      <application path="/" applicationPool="Comindware sales">',
        r'        <virtualDirectory path="/" physicalPath="C:\ProgramData\Comindware\Instances\sales\Config" />',
        "      </application>",
        "    </site>",
    ]
    assert 'serverAutoStart="true"' in appcmd(host, "list", "site", SITE, "/config:*", "/xml")[1]


def test_list_apppool(host: Host) -> None:
    assert appcmd(host, "list", "apppool", "/apppool.name:DefaultAppPool") == (
        0,
        'APPPOOL "DefaultAppPool" (MgdVersion:v4.0,MgdMode:Integrated,state:Started)\r\n',
    )
    assert appcmd(host, "list", "apppool", "Comindware sales_ADAPTERHOST", "/xml")[1].split("\r\n")[2] == (
        '  <APPPOOL APPPOOL.NAME="Comindware sales_adapterhost" PipelineMode="Integrated" RuntimeVersion="" '
        'state="Started" />'
    )


def test_the_password_of_a_pool_is_printed_in_clear(make_host: MakeHost) -> None:
    host = make_host({**SALES, "pool_user": r"EXAMPLE\svc"})
    text = appcmd(host, "list", "apppool", POOL, "/config:*", "/xml")[1]
    assert r'identityType="SpecificUser" userName="EXAMPLE\svc" password="CANARY-pool-password-sales"' in text
    assert appcmd(host, "list", "apppool", POOL, "/text:processModel.userName") == (0, "EXAMPLE\\svc\r\n")
    assert "CANARY" not in appcmd(host, "list", "apppool", "/xml")[1]


def test_list_wp_app_and_vdir(host: Host) -> None:
    host.iis.pools.worker(POOL)
    pid = next(worker.pid for worker in host.iis.pools.workers() if worker.pool == POOL)
    assert appcmd(host, "list", "wp", f"/apppool.name:{POOL}", "/xml")[1].split("\r\n")[2] == (
        f'  <WP WP.NAME="{pid}" APPPOOL.NAME="Comindware sales" />'
    )
    assert appcmd(host, "list", "app", f"/site.name:{SITE}", "/xml")[1].split("\r\n")[2] == (
        '  <APP path="/" APP.NAME="Comindware sales/" APPPOOL.NAME="Comindware sales" SITE.NAME="Comindware sales" />'
    )
    assert appcmd(host, "list", "vdir", "Default Web Site/", "/xml")[1].split("\r\n")[2] == (
        r'  <VDIR VDIR.NAME="Default Web Site/" physicalPath="%SystemDrive%\inetpub\wwwroot" path="/" '
        'APP.NAME="Default Web Site/" />'
    )


def test_filters_and_single_attributes(host: Host) -> None:
    assert appcmd(host, "list", "site", "/state:stopped", "/text:SITE.NAME") == (0, "Default Web Site\r\n")
    assert appcmd(host, "list", "site", "/serverAutoStart:false", "/text:name") == (0, "Default Web Site\r\n")
    assert appcmd(host, "list", "apppool", "/state:Stopped", "/xml") == (
        0,
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<appcmd>\r\n</appcmd>\r\n',
    )


UNKNOWN = 'ERROR ( message:Cannot find {} object with identifier "nothing". )\r\n'
NOT_RUNNING = (
    "ERROR ( hresult:80070426, message:Command execution failed.\r\nThe service has not been started.\r\n )\r\n"
)
RUNNING = (
    "ERROR ( hresult:80070420, message:Command execution failed.\r\n"
    "An instance of the service is already running.\r\n )\r\n"
)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["list", "site", "nothing"], 1168, UNKNOWN.format("SITE")),
        (["stop", "apppool", "nothing"], 1168, UNKNOWN.format("APPPOOL")),
        (["set", "site", "nothing", "/serverAutoStart:false"], 1168, UNKNOWN.format("SITE")),
        (["restore", "backup", "nothing"], 1168, UNKNOWN.format("BACKUP")),
        (["stop", "site", "Default Web Site"], 1062, NOT_RUNNING),
        (["start", "site", SITE], 1056, RUNNING),
        (["start", "apppool", POOL], 1056, RUNNING),
        (
            ["start", "site", SITE, "more"],
            87,
            "ERROR ( message:Failed to process input: The parameter 'more' must begin "
            "with a / or - (HRESULT=80070057) )\r\n",
        ),
        (
            ["list", "module"],
            87,
            "ERROR ( message:Object 'MODULE' is not supported.  Run 'appcmd.exe /?' to display "
            "supported objects. )\r\n",
        ),
    ],
)
def test_errors_are_exit_codes_and_texts_on_standard_output(
    host: Host, arguments: list[str], code: int, text: str
) -> None:
    assert appcmd(host, *arguments) == (code, text)


def test_start_stop_and_recycle_say_what_they_did(host: Host) -> None:
    assert appcmd(host, "stop", "site", SITE) == (0, '"Comindware sales" successfully stopped\r\n')
    assert appcmd(host, "start", "site", SITE) == (0, '"Comindware sales" successfully started.\r\n')
    assert appcmd(host, "recycle", "apppool", POOL) == (0, '"Comindware sales" successfully recycled\r\n')


def test_set_changes_the_configuration_and_nothing_that_runs(host: Host) -> None:
    assert appcmd(host, "set", "site", SITE, "/serverAutoStart:false") == (0, f'SITE object "{SITE}" changed\r\n')
    assert (
        appcmd(host, "set", "apppool", f"/apppool.name:{POOL}", "/autoStart:false", "/startMode:alwaysrunning")[0] == 0
    )
    text = (host.folder / "iis.json").read_text(encoding="utf-8")
    assert '"server_auto_start": false' in text and '"AlwaysRunning"' in text
    assert (host.iis.site_state(SITE), host.iis.pool_state(POOL)) == ("Started", "Started")
    assert appcmd(host, "set", "apppool", POOL, "/startMode:Sometimes")[0] == 87
    assert appcmd(host, "set", "apppool", POOL, "/nonsense:1")[0] == 87


def test_a_site_without_its_pool_does_not_start(host: Host) -> None:
    host.iis.stop_site(SITE)
    host.iis.configuration.pools.remove(next(pool for pool in host.iis.configuration.pools if pool.name == POOL))
    code, text = appcmd(host, "start", "site", SITE)
    assert (code, text.split(",")[0]) == (4312, "ERROR ( hresult:800710d8")


def test_services_down_read_unknown_and_change_fails_with_50(host: Host) -> None:
    host.services.stop("W3SVC")
    code, text = appcmd(host, "list", "apppool", POOL, "/text:state")
    assert (code, text) == (0, "Unknown\r\n")
    assert appcmd(host, "start", "apppool", POOL) == (
        50,
        "ERROR ( message:The WAS service is not available - try starting the service first. )\r\n",
    )


def test_without_elevation_nothing_works_and_the_messages_mislead(host: Host) -> None:
    host.set(administrator=False)
    assert appcmd(host, "stop", "site", SITE)[0] == 50
    code, text = appcmd(host, "list", "site")
    assert (code, "redirection.config" in text) == (5, True)


def test_reads_fail_once_after_a_pool_operation_if_asked(host: Host) -> None:
    host.behaviour.failing_reads = 1
    code, text = appcmd(host, "list", "wp", "/xml")
    assert (code, text.split(",")[0]) == (1726, "ERROR ( hresult:800706be")
    assert appcmd(host, "list", "wp", "/xml")[0] == 0


def test_russian_texts_in_the_oem_code_page(make_host: MakeHost) -> None:
    host = make_host({**SALES, "name": "Продажи"}, language="ru", code_page="cp866")
    answer = host.run("appcmd", ["stop", "site", "Default Web Site"])
    assert answer.stdout.decode("cp866") == (
        "ОШИБКА ( hresult:80070426, сообщение:Не удалось выполнить команду.\r\nСлужба не запущена.\r\n )\r\n"
    )
    xml = host.run("appcmd", ["list", "site", "comindware ПРОДАЖИ", "/xml"])
    assert xml.exit_code == 0 and 'SITE.NAME="Comindware Продажи"'.encode("cp866") in xml.stdout
    assert b'encoding="UTF-8"' in xml.stdout


def test_names_are_escaped_in_xml_and_cannot_hold_a_double_quote(host: Host) -> None:
    host.iis.configuration.add_pool("R&D <1>")
    assert 'APPPOOL.NAME="R&amp;D &lt;1&gt;"' in appcmd(host, "list", "apppool", "R&D <1>", "/xml")[1]
    with pytest.raises(ValueError, match="double quote"):
        host.iis.configuration.add_pool('a"b')


def test_a_backup_is_server_wide_and_its_restore_restarts_everything(host: Host) -> None:
    assert appcmd(host, "add", "backup", "before") == (0, 'BACKUP object "before" added\r\n')
    assert appcmd(host, "add", "backup", "BEFORE")[0] == 183
    assert appcmd(host, "list", "backup", "/xml")[1].split("\r\n")[2] == '  <BACKUP BACKUP.NAME="before" />'
    config = host.drives.real(r"C:\Windows\System32\inetsrv\backup\before\applicationHost.config").read_text()
    assert '<add name="Comindware sales"' in config
    worker = host.iis.pools.worker(POOL)
    appcmd(host, "set", "apppool", POOL, "/autoStart:false")
    assert appcmd(host, "restore", "backup", "before") == (0, 'Restored configuration from backup "before"\r\n')
    pool = host.iis.configuration.pool(POOL)
    assert pool is not None and pool.auto_start
    assert worker is not None and host.processes.get(worker.pid) is None
    assert appcmd(host, "delete", "backup", "before")[0] == 0
    assert appcmd(host, "list", "backup") == (0, "")


def test_add_a_pool(host: Host) -> None:
    added = appcmd(host, "add", "apppool", "/name:Пул приёмки", "/autoStart:true")
    assert added == (0, 'APPPOOL object "Пул приёмки" added\r\n')
    assert appcmd(host, "list", "apppool", "Пул приёмки", "/text:state") == (0, "Started\r\n")
    code, text = appcmd(host, "add", "apppool", "/name:other", "/frobnicate:true")
    assert (code, text) == (87, 'ERROR ( message:Cannot find requested property "frobnicate". )\r\n')
    assert appcmd(host, "list", "apppool", "other")[0] == 1168
    code, text = appcmd(host, "add", "apppool", "/name:пул приёмки")
    assert (code, text) == (183, 'ERROR ( message:Failed to add duplicate collection element "пул приёмки". )\r\n')
