#!/usr/bin/env bash
# Runs a sweep as an array of Slurm jobs, and a job after them that finishes what is left and writes the table.
#
#   tools/slurm/sweep.sh SPEC FOLDER JOBS [sbatch options...]
#
# SPEC: the YAML file. FOLDER: the results, on a file system that all nodes share. JOBS: number of jobs of the array.
# Everything else goes to sbatch, for both submissions: --time=2:00:00 --cpus-per-task=8 --mem=16G --partition=...
# RENORM: the program, where it is not in PATH. Submit again after a failure: what is finished is not computed anew.
set -euo pipefail

if [ $# -lt 3 ] || ! [[ $3 =~ ^[1-9][0-9]*$ ]]; then
  sed -n '4,8s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
specification=$(realpath -- "$1")
folder=$(realpath -m -- "$2")
jobs=$3
shift 3
renorm=${RENORM:-renorm}
renorm=$(command -v -- "$renorm") || { echo "$renorm: not found; set RENORM to the program" >&2; exit 66; }
renorm=$(realpath -- "$renorm")
"$renorm" sweep plan "$specification"
mkdir -p "$folder/logs"

# One process for each job, with the cores of the job; all jobs must have the same number, which decides how sums are
# rounded. The memory that a job may take is found by the program from the limits of its control group.
run() {
  printf '#!/usr/bin/env bash\nexec %q sweep run %q --output %q --threads "${SLURM_CPUS_PER_TASK:-1}"%s\n' \
    "$renorm" "$specification" "$folder" "$1"
}
# shellcheck disable=SC2016  # for the shell of the job
array=$(run ' --shard "$SLURM_ARRAY_TASK_ID/'"$jobs"'"' | sbatch --parsable --job-name=renorm-sweep \
  --array="1-$jobs" --output="$folder/logs/%A-%a.log" "$@")
# afterany: points that failed, or a job that died, do not keep the rest from being merged.
merge=$(run '' | sbatch --parsable --job-name=renorm-merge --dependency="afterany:${array%%;*}" \
  --output="$folder/logs/%j-merge.log" "$@")
echo "submitted the array $array and the merge job $merge; the table will be $folder/table.csv"
