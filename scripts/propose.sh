#!/usr/bin/env bash
# Proposes what `make candidate` left, where the gate passed it, as a pull request that replaces models/champion.
#
#   scripts/propose.sh FOLDER     needs git, jq and the GitHub CLI with GH_TOKEN; PROPOSED_BY=… is said in the pull request
#
# Copies files, and runs nothing of what is proposed: its token may write.
set -euo pipefail

stop() { printf 'error: %s\n' "$*" >&2; exit 1; }

[[ $# -eq 1 && -d $1 ]] || stop "usage: scripts/propose.sh FOLDER"
folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ $(jq -r .passed "$folder/verdict.json") == true ]] || stop "the gate did not pass what lies in $folder"
for file in bundle/{model.json,model.onnx,tokenizer.json,training.json} README.md summary.md; do
  [[ -f $folder/$file ]] || stop "$folder has no $file: is it of make candidate?"
done

title=$(sed -n '1s/^# \(.*\): .*/Champion: \1/p' "$folder/summary.md")
branch=champion/$(jq -r '.digest[:12]' "$folder/verdict.json")
base=$(git rev-parse --abbrev-ref HEAD)
[[ $base != HEAD ]] || stop "check out a branch first: the pull request is made against it"

rm -rf models/champion
mkdir -p models/champion
cp "$folder"/bundle/{model.json,model.onnx,tokenizer.json,training.json} models/champion/
cp "$folder/README.md" README.md
git add models/champion README.md
if git diff --cached --quiet; then
  echo "models/champion is this bundle already: there is nothing to propose"
  exit
fi
gh auth setup-git
if git ls-remote --exit-code --heads origin "$branch" >/dev/null; then
  echo "$branch was proposed before"
  exit
fi

git checkout --quiet -b "$branch"
git -c user.name="${GIT_NAME:-github-actions[bot]}" \
  -c user.email="${GIT_EMAIL:-41898282+github-actions[bot]@users.noreply.github.com}" commit --quiet --message "$title"
git push --quiet origin "$branch"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
  cat "$folder/summary.md"
  printf '\n## Before it is merged\n\n'
  printf -- '- Run the checks on it: close and reopen it. What a workflow opens starts none by itself.\n'
  printf -- '- tests/model/test_champion.py holds what the champion promises: a model of another family needs other promises.\n'
  printf -- "- The comparison of all families (docs/comparison) is measured anew by \`make compare\`.\n"
  printf -- '- Once merged, the next release has it in its image.\n'
  printf '\nProposed by %s\n' "${PROPOSED_BY:-$(id -un)}"
} >"$body"
gh pr create --base "$base" --head "$branch" --title "$title" --body-file "$body"
