"""What each role of a team comes to, in words."""

from typing import Final

from application.records import TeamRole

TEAM_WORDS: Final = {
    TeamRole.DOOR: "you would scan tickets at the door",
    TeamRole.CO_ORGANIZER: "you would organize it together with its organizer",
}
