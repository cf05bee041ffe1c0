"""What goes wrong on purpose."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong for the next `times` calls of `api` ("" = any).

    `errcode` answers a refusal; `http_status` an HTTP error; `html` a proxy's page; `garbage` a cut JSON answer;
    `refuse` cuts the connection before acting; `lose_answer` acts and then cuts it; `delay` waits (real time)
    between acting and answering. `act` says whether the call takes effect: by default only where the fault is in
    the answer (`lose_answer`, `garbage`, `delay` alone).
    """

    api: str = ""
    times: int = 1
    errcode: int | None = None
    errmsg: str = ""
    http_status: int | None = None
    lose_answer: bool = False
    refuse: bool = False
    delay: timedelta = timedelta()
    html: bool = False
    garbage: bool = False
    act: bool | None = None

    @property
    def acts(self) -> bool:
        """Whether the call takes effect all the same."""
        if self.act is not None:
            return self.act
        return not self.refuse and self.errcode is None and self.http_status is None and not self.html


class Faults:
    """The faults that wait for their call, first come first served."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(
        self,
        api: str = "",
        *,
        times: int = 1,
        errcode: int | None = None,
        errmsg: str = "",
        http_status: int | None = None,
        lose_answer: bool = False,
        refuse: bool = False,
        delay: timedelta = timedelta(),
        html: bool = False,
        garbage: bool = False,
        act: bool | None = None,
    ) -> Fault:
        """Lets the next `times` calls of `api` fail in this way; see `Fault`."""
        fault = Fault(
            api=api,
            times=times,
            errcode=errcode,
            errmsg=errmsg,
            http_status=http_status,
            lose_answer=lose_answer,
            refuse=refuse,
            delay=delay,
            html=html,
            garbage=garbage,
            act=act,
        )
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again."""
        self.waiting.clear()

    def take(self, api: str) -> Fault | None:
        """The fault that this call meets, used up by one; None when all is well."""
        for fault in self.waiting:
            if fault.api in ("", api):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
