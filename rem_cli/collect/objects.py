"""The names of objects that nearly every check asks for. Sources: RFC 3418, RFC 2863, RFC 2790; UCD-SNMP-MIB."""

from __future__ import annotations

from rem_cli.language.names import nearest

_SYSTEM = ("sysDescr", "sysObjectID", "sysUpTime", "sysContact", "sysName", "sysLocation", "sysServices")
_INTERFACE = (
    *("ifIndex", "ifDescr", "ifType", "ifMtu", "ifSpeed", "ifPhysAddress", "ifAdminStatus", "ifOperStatus"),
    *("ifLastChange", "ifInOctets", "ifInUcastPkts", "ifInNUcastPkts", "ifInDiscards", "ifInErrors"),
    *("ifInUnknownProtos", "ifOutOctets", "ifOutUcastPkts", "ifOutNUcastPkts", "ifOutDiscards", "ifOutErrors"),
)
_MORE = (
    *("ifName", "ifInMulticastPkts", "ifInBroadcastPkts", "ifOutMulticastPkts", "ifOutBroadcastPkts", "ifHCInOctets"),
    *("ifHCInUcastPkts", "ifHCInMulticastPkts", "ifHCInBroadcastPkts", "ifHCOutOctets", "ifHCOutUcastPkts"),
    *("ifHCOutMulticastPkts", "ifHCOutBroadcastPkts", "ifLinkUpDownTrapEnable", "ifHighSpeed", "ifPromiscuousMode"),
    *("ifConnectorPresent", "ifAlias", "ifCounterDiscontinuityTime"),
)
_MEMORY = {"memTotalSwap": 3, "memAvailSwap": 4, "memTotalReal": 5, "memAvailReal": 6, "memBuffer": 14, "memCached": 15}
_STORAGE = (
    "hrStorageIndex",
    "hrStorageType",
    "hrStorageDescr",
    "hrStorageAllocationUnits",
    "hrStorageSize",
    "hrStorageUsed",
)
OBJECTS = {
    **{f"SNMPv2-MIB::{name}": f"1.3.6.1.2.1.1.{at}" for at, name in enumerate(_SYSTEM, 1)},
    "IF-MIB::ifNumber": "1.3.6.1.2.1.2.1",
    **{f"IF-MIB::{name}": f"1.3.6.1.2.1.2.2.1.{at}" for at, name in enumerate(_INTERFACE, 1)},
    **{f"IF-MIB::{name}": f"1.3.6.1.2.1.31.1.1.1.{at}" for at, name in enumerate(_MORE, 1)},
    "HOST-RESOURCES-MIB::hrSystemUptime": "1.3.6.1.2.1.25.1.1",
    "HOST-RESOURCES-MIB::hrSystemNumUsers": "1.3.6.1.2.1.25.1.5",
    "HOST-RESOURCES-MIB::hrSystemProcesses": "1.3.6.1.2.1.25.1.6",
    "HOST-RESOURCES-MIB::hrProcessorLoad": "1.3.6.1.2.1.25.3.3.1.2",
    **{f"HOST-RESOURCES-MIB::{name}": f"1.3.6.1.2.1.25.2.3.1.{at}" for at, name in enumerate(_STORAGE, 1)},
    **{f"UCD-SNMP-MIB::{name}": f"1.3.6.1.4.1.2021.4.{at}" for name, at in _MEMORY.items()},
    "UCD-SNMP-MIB::laLoad": "1.3.6.1.4.1.2021.10.1.3",
    "UCD-SNMP-MIB::laLoadInt": "1.3.6.1.4.1.2021.10.1.5",
}


def numbers(text: str) -> str:
    """An object by numbers: `IF-MIB::ifHCInOctets.2` is 1.3.6.1.2.1.31.1.1.1.6.2. KeyError with what was meant."""
    if "::" not in text:
        return text.strip(".")
    name, _, index = text.partition(".")
    found = OBJECTS.get(name)
    if found is None:
        near = nearest(name, OBJECTS)
        raise KeyError(near or "")
    return f"{found}.{index}" if index else found
