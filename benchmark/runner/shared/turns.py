"""Which image of which job a process does next, where the jobs of a run share the processes.

A process stays with a method, which it has loaded and compiled, while images of it are left. Then
it begins a job that no other has begun. Where there is none, it helps with the one that will take
longest, if that pays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from distinctions646.process.pool import paying_workers


@dataclass(frozen=True)
class Share:
    """What is known of a job before it starts.

    Attributes
    ----------
    sizes
        Megapixels of each image, times the calls of the method.
    speed
        Processor seconds a megapixel, to read and score it included; None where that is not known.
    start
        Processor seconds that a further process takes before its first image.
    tried
        Whether others wait until the speed is known; else they help at once.
    """

    sizes: Sequence[float]
    speed: float | None
    start: float
    tried: bool = True

    @property
    def seconds(self) -> float | None:
        """Processor seconds of all images; None where that is not known."""
        return None if self.speed is None else self.speed * sum(self.sizes)


class Sharing:
    """The images that are left, and which process is at which job.

    Parameters
    ----------
    shares
        One per job, in order.
    """

    def __init__(self, shares: Sequence[Share]) -> None:
        self._shares = shares
        first = 0
        self._left: list[deque[int]] = []
        self._job_of: list[int] = []
        for job, share in enumerate(shares):
            self._left.append(deque(range(first, first + len(share.sizes))))
            self._job_of += [job] * len(share.sizes)
            first += len(share.sizes)
        self._first = [numbers[0] if numbers else 0 for numbers in self._left]
        self._begun: set[int] = set()
        self._at: dict[int, int] = {}  # the job of each process
        self._process_of: dict[int, int] = {}  # of each image that was taken
        self._warm: set[tuple[int, int]] = set()  # process and job of which an image is done
        self._known: set[int] = set()  # jobs whose speed is measured without loading and compiling
        self._measured = [(0.0, 0.0) for _ in shares]  # seconds, megapixels

    def job_of(self, image: int) -> tuple[int, int]:
        """Return the job of an image, and the number of the image in it."""
        job = self._job_of[image]
        return job, image - self._first[job]

    def take(self, process: int) -> int | None:
        """Return the image that a free process does next; None while there is none for it."""
        job = self._at.get(process)
        if job is None or not self._left[job]:
            job = self._next_job()
            if job is None:
                self._at.pop(process, None)
                return None
            self._at[process] = job
        self._begun.add(job)
        image = self._left[job].popleft()
        self._process_of[image] = process
        return image

    def tell(self, image: int, seconds: float) -> None:
        """Count an image that is done, and the processor seconds that it took."""
        job, number = self.job_of(image)
        key = self._process_of[image], job
        before, size = self._measured[job], self._shares[job].sizes[number]
        if key in self._warm and job in self._known:
            self._measured[job] = before[0] + seconds, before[1] + size
        elif key in self._warm or not before[1]:
            # The first one of a process loads and compiles: it counts while there is no other.
            self._measured[job] = seconds, size
        if key in self._warm:
            self._known.add(job)
        self._warm.add(key)

    def drop(self, job: int) -> None:
        """Leave out what is left of a job and of those behind it."""
        for later in self._left[job:]:
            later.clear()

    def _next_job(self) -> int | None:
        fresh = [job for job, left in enumerate(self._left) if left and job not in self._begun]
        if fresh:  # loaded and compiled early by one, it is soon ready for others to help
            return fresh[0]
        begun = [job for job, left in enumerate(self._left) if left]
        by_length = sorted(begun, key=lambda job: self._seconds(job) or 0.0, reverse=True)
        return next((job for job in by_length if self._pays_to_join(job)), None)

    def _pays_to_join(self, job: int) -> bool:
        seconds = self._seconds(job)
        if seconds is None:  # once some images are done, it is known
            return not self._shares[job].tried
        workers = 1 + sum(one == job for one in self._at.values())
        return paying_workers(seconds, workers, self._shares[job].start) == workers

    def _seconds(self, job: int) -> float | None:
        """Return what the images that are left will take; None where that is not known."""
        share = self._shares[job]
        seconds, size = self._measured[job]
        speed = seconds / size if size else share.speed
        if speed is None:
            return None
        return speed * sum(share.sizes[self.job_of(image)[1]] for image in self._left[job])
