# The last script of the first start: the database is complete (see start.sh). The image sources it.
# If the mark came back after a power cut, the next start would move a database in use.
rm "$FIRST_START"
sync "${FIRST_START%/*}" || sync
