"""uvicorn's, and it hears at once when a process ends while it is asked how it is."""

from uvicorn.supervisors import Multiprocess


class Supervisor(Multiprocess):
    """uvicorn 0.54 keeps the asked end of each pipe open in the asker, so that one killed between
    the question and its answer would be waited for as long as one that is busy.
    """

    def init_processes(self) -> None:
        super().init_processes()
        self._leave_the_ends_of_the_pipes_to_the_processes()

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        self._leave_the_ends_of_the_pipes_to_the_processes()

    def _leave_the_ends_of_the_pipes_to_the_processes(self) -> None:
        for each in self.processes:
            each.child_conn.close()
