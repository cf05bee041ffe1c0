"""Who belongs to the corporation, and in which department."""

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Person:
    """One member. `visible`: inside the app's range; `licensed`: may be written to (an interface licence)."""

    userid: str
    name: str
    departments: tuple[int, ...]
    visible: bool = True
    licensed: bool = True


@dataclass(frozen=True, slots=True)
class Department:
    """One department; the root has id 1 and parent 0."""

    id: int
    name: str
    parent_id: int


class Directory:
    """People and departments. Userids are compared without regard to case, as the vendor does."""

    def __init__(self, corp_name: str = "街道党工委") -> None:
        self.departments: dict[int, Department] = {1: Department(1, corp_name, 0)}
        self._people: dict[str, Person] = {}

    def add_department(self, name: str, parent_id: int = 1) -> int:
        """Makes a department and returns its id. Raises KeyError for an unknown parent."""
        self.departments[parent_id]
        department_id = max(self.departments) + 1
        self.departments[department_id] = Department(department_id, name, parent_id)
        return department_id

    def remove_department(self, department_id: int) -> None:
        """Takes a department away; its people keep their number for it."""
        del self.departments[department_id]

    def add(
        self,
        userid: str,
        name: str,
        department: int | tuple[int, ...] = 1,
        visible: bool = True,
        licensed: bool = True,
    ) -> Person:
        """Adds a member, or writes one anew."""
        departments = department if isinstance(department, tuple) else (department,)
        person = Person(userid, name, departments, visible, licensed)
        self._people[userid.casefold()] = person
        return person

    def change(self, userid: str, *, visible: bool | None = None, licensed: bool | None = None) -> Person:
        """Changes what the vendor thinks of a member. Raises KeyError for an unknown one."""
        person = self._people[userid.casefold()]
        changed = replace(
            person,
            visible=person.visible if visible is None else visible,
            licensed=person.licensed if licensed is None else licensed,
        )
        self._people[userid.casefold()] = changed
        return changed

    def remove(self, userid: str) -> None:
        """The member leaves. Raises KeyError for an unknown one."""
        del self._people[userid.casefold()]

    def find(self, userid: str) -> Person | None:
        """The member with this userid in any spelling."""
        return self._people.get(userid.casefold())

    def name(self, userid: str) -> str:
        """How people call them; the userid itself for a stranger."""
        person = self.find(userid)
        return person.name if person else userid

    def visible(self) -> Iterator[Person]:
        """Everybody in the app's range."""
        return (person for person in self._people.values() if person.visible)

    def of_department(self, department_id: int) -> list[Person]:
        """The visible members of one department, without those below it."""
        return [person for person in self.visible() if department_id in person.departments]

    def below(self, department_id: int) -> list[Department]:
        """The department and all below it; empty for an unknown one."""
        if department_id not in self.departments:
            return []
        found = [self.departments[department_id]]
        for department in found:
            found += [child for child in self.departments.values() if child.parent_id == department.id]
        return found
