"""The table of the courses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """A row of the table.

    Attributes:
        name: as the command line and `activate` know it.
        title: the course.
        imports: the packages that its notebooks import, each with the module of this library that stands for it.
        page: its how-to page.
    """

    name: str
    title: str
    imports: dict[str, str]
    page: str


def _course(name: str, title: str, **folders: str) -> Course:
    imports = {package: f"chainrule.courses.{folder.replace('/', '.')}" for package, folder in folders.items()}
    return Course(name, title, imports, f"docs/how-to/course-{name}.md")


COURSES = {
    course.name: course
    for course in (
        _course("cs231n", "Stanford CS231n, Deep Learning for Computer Vision", cs231n="cs231n"),
        _course("cs682", "UMass Amherst CS682, Neural Networks: A Modern Introduction", cs682="cs682"),
        _course("cs182", "UC Berkeley CS182, Deep Neural Networks", deeplearning="cs182"),
        _course("c147", "UCLA C147, Neural Networks and Deep Learning", nndl="c147/nndl", utils="c147/utils"),
        _course("cs145", "UCLA CS145, Introduction to Data Mining", hw3code="cs145/hw3code", data="cs145/data"),
    )
}
