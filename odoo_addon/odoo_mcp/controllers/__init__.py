from . import fast_door, main

fast_door.install()
