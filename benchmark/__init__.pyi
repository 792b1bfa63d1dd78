from .board.board import Board as Board
from .board.board import Boards as Boards
from .figures.drawing import FigureConfig as FigureConfig
from .leaderboard import leaderboard as leaderboard
from .mattes import score_mattes as score_mattes
from .methods.finding import get_method as get_method
from .metrics.evaluate import evaluate as evaluate
from .metrics.registry import METRICS as METRICS
from .run import run as run
from .score import score_folder as score_folder
from .scoring.score_table import ScoreTable as ScoreTable
from .trimap import make_trimaps as make_trimaps

__version__: str
