using System.Text.Json;

namespace Pipeline.Contracts.Surfaces;

/// <summary>
/// Compares the approved surface with the present one. A change is harmless if every event that was valid stays valid,
/// because events wait in outboxes, dead letters and replays; and if every future event is valid for readers of the approved contract,
/// because services are not all deployed at once, and partners deploy on their own schedule.
/// </summary>
public static class SurfaceComparison
{
    private const string Removed = "the contract was removed";

    /// <summary>All differences, in the order of the contracts.</summary>
    /// <param name="approved">What others rely on.</param>
    /// <param name="present">What is to be.</param>
    /// <param name="readersOf">The consumers that read a field of a type; the path <c>$</c> stands for the contract.</param>
    public static IReadOnlyList<SurfaceChange> Compare(Surface approved, Surface present, Func<string, string, IEnumerable<string>> readersOf)
    {
        var changes = new List<SurfaceChange>();
        var now = present.Contracts.ToDictionary(c => c.Type, StringComparer.Ordinal);
        foreach (var contract in approved.Contracts)
        {
            void Add(string path, ChangeEffect effect, string what) =>
                changes.Add(new SurfaceChange(contract.Type, path, effect, what, [.. readersOf(contract.Type, path)]));

            if (now.Remove(contract.Type, out var successor))
                new OneContract(contract, successor, Add).Compare();
            else
                Add("$", ChangeEffect.Breaking, Removed);
        }

        changes.AddRange(now.Values.OrderBy(c => c.Type, StringComparer.Ordinal)
            .Select(c => new SurfaceChange(c.Type, "$", ChangeEffect.Harmless, "is a new contract", [.. readersOf(c.Type, "$")])));

        // A change with a noted migration is permitted.
        var migrated = present.Migrations.Except(approved.Migrations).ToLookup(m => (m.Type, m.Path), m => m.Reason);
        return
        [
            .. changes.Select(c => c.Effect == ChangeEffect.Breaking && migrated[(c.Type, c.Path)].FirstOrDefault() is { } reason
                ? c with { Effect = ChangeEffect.Harmless, What = $"{c.What}; migrated: {reason}" }
                : c),
        ];
    }

    /// <summary>Explains the changes with what to do; empty if there are none.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="tool">How the tool is called where the text is read.</param>
    public static string Explain(IReadOnlyList<SurfaceChange> changes, string tool = ContractFiles.Tool)
    {
        if (changes.Count == 0)
            return "";
        var lines = changes.OrderByDescending(c => c.Effect).Select(c =>
            $"{c.Effect.ToString().ToUpperInvariant()} {c.Type} {c.Path}: {c.What}.{ReadersIn(c)}").ToList();
        var breaking = changes.Where(c => c.Effect == ChangeEffect.Breaking).ToList();
        if (breaking.Count > 0)
        {
            lines.Add("Ways out of what is breaking:");
            if (breaking.Any(c => c.What == Removed))
                lines.Add("- for a contract that was removed: put it back, and remove it when nobody sends or reads it any more and no event of it waits anywhere; that is a migration;");
            if (breaking.Any(c => c.What != Removed))
                lines.Add("- a new version: leave the contract as it was, add a record and type of its own (...v2), and publish both until nobody reads the old one;");
            lines.Add($"- a migration: change and deploy the consumers named here first, see that no event of the old kind waits, then say so: {tool} contracts approve --migration \"why it breaks nobody\"");
        }
        else
        {
            if (changes.Any(c => c.Effect == ChangeEffect.Loosening))
                lines.Add("Deploy the consumers named here before those who send: until then they refuse what is newly allowed, and have to be replayed.");
            lines.Add($"Nothing breaks. Approve it with: {tool} contracts approve");
        }

        return string.Join('\n', lines);
    }

    private static string ReadersIn(SurfaceChange change) => change.Effect == ChangeEffect.Harmless
        ? ""
        : change.Readers.Count == 0 ? " No consumer here reads it." : $" Read by {string.Join(", ", change.Readers)}.";

    private sealed class OneContract(ContractSurface approved, ContractSurface present, Action<string, ChangeEffect, string> add)
    {
        private ChangeEffect Loosened => approved.IsPublic ? ChangeEffect.Breaking : ChangeEffect.Loosening;

        private string LoosenedWhy => approved.IsPublic ? ", which partners who know the approved contract refuse" : "";

        public void Compare()
        {
            if (approved.Kind != present.Kind)
            {
                var bothFacts = approved.Kind.IsEvent() && present.Kind.IsEvent();
                add("$", bothFacts ? ChangeEffect.Harmless : ChangeEffect.Breaking, $"the kind was {SurfaceText.WordFor(approved.Kind)} and is {SurfaceText.WordFor(present.Kind)}");
            }

            if (approved.IsPublic != present.IsPublic)
                add("$", approved.IsPublic ? ChangeEffect.Breaking : ChangeEffect.Harmless, approved.IsPublic ? "it was public and is internal, so that partners get it no more" : "it is public now");
            if (approved.Destination != present.Destination)
                add("$", ChangeEffect.Breaking, $"it went to '{approved.Destination}' and goes to '{present.Destination}'");
            if (approved.SubjectRule != present.SubjectRule)
                add("$", ChangeEffect.Breaking, $"the subject rule was {approved.SubjectRule} and is {present.SubjectRule}, so that order per subject and the records of what was handled do not hold");
            CompareFields();
        }

        private void CompareFields()
        {
            var now = present.Fields.ToDictionary(f => f.Path, StringComparer.Ordinal);
            var before = approved.Fields.ToDictionary(f => f.Path, StringComparer.Ordinal);
            foreach (var field in approved.Fields)
            {
                if (now.TryGetValue(field.Path, out var successor))
                    CompareField(field, successor);
                else if (HasParentIn(now, field.Path))
                    add(field.Path, ChangeEffect.Breaking, "was removed" + RenamedTo(field, before));
            }

            // Items that a list did not have belong to a field that was not a list, which is reported itself.
            foreach (var field in present.Fields.Where(f => !before.ContainsKey(f.Path) && HasParentIn(before, f.Path) && !f.Path.EndsWith("[]", StringComparison.Ordinal)))
            {
                add(
                    field.Path,
                    field.IsRequired ? ChangeEffect.Breaking : ChangeEffect.Harmless,
                    field.IsRequired ? "is new and required, which events that were sent before lack" : "is new and optional");
            }
        }

        /// <summary>Whether the parent exists in both: a field that is added or removed with its parent is reported as the parent.</summary>
        private static bool HasParentIn(Dictionary<string, FieldSurface> fields, string path)
        {
            var parent = path.EndsWith("[]", StringComparison.Ordinal) ? path[..^2] : path[..path.LastIndexOf('.')];
            return parent == "$" || fields.ContainsKey(parent);
        }

        private string RenamedTo(FieldSurface removed, Dictionary<string, FieldSurface> before)
        {
            var parent = removed.Path[..removed.Path.LastIndexOf('.')];
            var twin = present.Fields.FirstOrDefault(f => !before.ContainsKey(f.Path)
                && f.Path.StartsWith(parent + ".", StringComparison.Ordinal)
                && f.Types.SequenceEqual(removed.Types, StringComparer.Ordinal)
                && f.Limits.OrderBy(l => l.Key, StringComparer.Ordinal).SequenceEqual(removed.Limits.OrderBy(l => l.Key, StringComparer.Ordinal)));
            return twin is null ? "" : $" (renamed to {twin.Path}?)";
        }

        private void CompareField(FieldSurface before, FieldSurface now)
        {
            if (!before.Types.SequenceEqual(now.Types, StringComparer.Ordinal))
                add(before.Path, ChangeEffect.Breaking, $"was {string.Join('|', before.Types)} and is {string.Join('|', now.Types)}");

            if (before.IsRequired != now.IsRequired)
            {
                add(before.Path, ChangeEffect.Breaking, before.IsRequired
                    ? "was required and is optional: who reads it may find it missing"
                    : "was optional and is required, which events that were sent before may lack");
            }

            // Limits of different types cannot be compared.
            if (!before.Types.Except(["null"], StringComparer.Ordinal).SequenceEqual(now.Types.Except(["null"], StringComparer.Ordinal), StringComparer.Ordinal))
                return;
            foreach (var keyword in before.Limits.Keys.Union(now.Limits.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
                CompareLimit(before.Path, keyword, before.Limits.GetValueOrDefault(keyword), now.Limits.GetValueOrDefault(keyword));
        }

        private void CompareLimit(string path, string keyword, string? before, string? now)
        {
            if (before == now)
                return;
            var what = $"{keyword} was {before ?? "not there"} and is {now ?? "not there"}";
            var (isTighter, isLooser) = keyword switch
            {
                "default" => (true, false),
                _ when before is null => (true, false),
                _ when now is null => (false, true),
                "minimum" or "minLength" or "minItems" => (Number(now) > Number(before), Number(now) < Number(before)),
                "maximum" or "maxLength" or "maxItems" => (Number(now) < Number(before), Number(now) > Number(before)),
                "multipleOf" => (Number(before) % Number(now) != 0, true),
                "enum" => (Values(before).Except(Values(now), StringComparer.Ordinal).Any(), Values(now).Except(Values(before), StringComparer.Ordinal).Any()),
                _ => (true, true), // Patterns and formats cannot be compared.
            };
            if (isTighter)
                add(path, ChangeEffect.Breaking, keyword == "default" ? $"{what}: what is left out means something else" : $"{what}, which events that were sent before may break");
            else if (isLooser)
                add(path, Loosened, what + LoosenedWhy);
        }

        private static decimal Number(string json) => decimal.Parse(json, NumberStyles.Float, CultureInfo.InvariantCulture);

        private static List<string> Values(string json)
        {
            using var values = JsonDocument.Parse(json);
            return [.. values.RootElement.EnumerateArray().Select(v => v.GetRawText())];
        }
    }
}
