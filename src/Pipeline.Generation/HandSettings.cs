using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace Pipeline.Generation;

/// <summary>What <c>topology.settings.json</c> may have. A misspelt setting would do nothing, and nobody would notice.</summary>
internal static class HandSettings
{
    private const string Name = "name";

    private static readonly (string, SettingKind)[] Receiving =
    [
        (Name, SettingKind.Text), ("requiresSession", SettingKind.Flag), ("lockDuration", SettingKind.Duration), ("maxDeliveryCount", SettingKind.Number),
        ("defaultMessageTimeToLive", SettingKind.Duration), ("deadLetteringOnMessageExpiration", SettingKind.Flag), ("forwardTo", SettingKind.Text),
        ("forwardDeadLetteredMessagesTo", SettingKind.Text),
    ];

    /// <summary>
    /// Gets the settings, by the place of the object that has them. A test compares them with what the local platform reads of topology.json.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, SettingKind>> All { get; } = new Dictionary<string, IReadOnlyDictionary<string, SettingKind>>(StringComparer.Ordinal)
    {
        ["$"] = Of(("cosmos", SettingKind.Part), ("serviceBus", SettingKind.Part), ("eventGrid", SettingKind.Part), ("functions", SettingKind.Part)),
        ["$.functions"] = Of(("alwaysReady", SettingKind.Texts), ("keySettings", SettingKind.Texts)),
        ["$.cosmos"] = Of(("database", SettingKind.Text), ("leases", SettingKind.Text), ("containers", SettingKind.Entities)),
        ["$.cosmos.containers"] = Of((Name, SettingKind.Text), ("partitionKey", SettingKind.Text), (TopologyDocument.PollMilliseconds, SettingKind.Number)),
        ["$.serviceBus"] = Of(
            ("lockDuration", SettingKind.Duration), ("maxDeliveryCount", SettingKind.Number), ("duplicateDetectionWindow", SettingKind.Duration),
            ("topics", SettingKind.Entities), ("queues", SettingKind.Entities)),
        ["$.serviceBus.topics"] = Of(
            (Name, SettingKind.Text), ("duplicateDetectionWindow", SettingKind.Duration), ("defaultMessageTimeToLive", SettingKind.Duration),
            ("subscriptions", SettingKind.Entities)),
        ["$.serviceBus.topics.subscriptions"] = Of(
            [.. Receiving, ("types", SettingKind.Texts), ("rules", SettingKind.Rules), ("deadLetteringOnFilterEvaluationExceptions", SettingKind.Flag)]),
        ["$.serviceBus.queues"] = Of([.. Receiving, ("duplicateDetectionWindow", SettingKind.Duration)]),
        ["$.eventGrid"] = Of(("deadLetterContainer", SettingKind.Text), ("subscriptions", SettingKind.Entities)),
        ["$.eventGrid.subscriptions"] = Of(
            (Name, SettingKind.Text), ("function", SettingKind.Text), ("endpointSetting", SettingKind.Text), ("types", SettingKind.Texts),
            ("subjectBeginsWith", SettingKind.Text), ("subjectEndsWith", SettingKind.Text), ("advancedFilters", SettingKind.Rules),
            ("maxDeliveryAttempts", SettingKind.Number), ("eventTimeToLive", SettingKind.Duration)),
    };

    /// <summary>Checks settings.</summary>
    /// <exception cref="GenerationException">There is one of an unknown name, or of another kind; the message names its place.</exception>
    public static void Check(JsonObject settings) => Check(settings, "$", "$");

    private static void Check(JsonObject settings, string at, string place)
    {
        var known = All[at];
        foreach (var (name, value) in settings)
        {
            if (at == "$" && name.StartsWith('$'))
                continue;
            if (!known.TryGetValue(name, out var kind))
            {
                throw new GenerationException(
                    $"{Workspace.SettingsFile}: there is no setting '{place}.{name}'.{Nearest.Hint(name, known.Keys)} Known there: {string.Join(", ", known.Keys)}.");
            }

            if (ErrorOf(value, kind) is { } error)
                throw new GenerationException($"{Workspace.SettingsFile}: '{place}.{name}' is {value?.ToJsonString() ?? "null"}, but has to be {error}.");
            if (kind == SettingKind.Part)
                Check(value!.AsObject(), $"{at}.{name}", $"{place}.{name}");
            else if (kind == SettingKind.Entities)
                CheckEntities(value!.AsArray(), $"{at}.{name}", $"{place}.{name}");
        }
    }

    private static void CheckEntities(JsonArray entities, string at, string place)
    {
        foreach (var entity in entities)
        {
            if (entity is not JsonObject settings || settings[Name] is not JsonValue name || name.GetValueKind() != JsonValueKind.String)
                throw new GenerationException($"{Workspace.SettingsFile} has an entity without a name in '{place}': {entity?.ToJsonString() ?? "null"}");
            Check(settings, at, $"{place}.{(string)name!}");
        }
    }

    /// <summary>What a value has to be; <see langword="null"/> if it is that.</summary>
    private static string? ErrorOf(JsonNode? value, SettingKind kind) => kind switch
    {
        SettingKind.Text => KindOf(value) == JsonValueKind.String ? null : "a text",
        SettingKind.Texts => value is JsonArray texts && texts.All(t => KindOf(t) == JsonValueKind.String) ? null : "a list of texts",
        SettingKind.Number => value is JsonValue number && number.TryGetValue<int>(out _) ? null : "a whole number",
        SettingKind.Flag => KindOf(value) is JsonValueKind.True or JsonValueKind.False ? null : "true or false",
        SettingKind.Duration => KindOf(value) == JsonValueKind.String && IsDuration((string)value!) ? null : "a duration such as \"PT1M\", \"PT1H\" or \"P1D\"",
        SettingKind.Part => value is JsonObject ? null : "an object",
        _ => value is JsonArray ? null : "a list",
    };

    private static JsonValueKind KindOf(JsonNode? value) => value?.GetValueKind() ?? JsonValueKind.Null;

    private static bool IsDuration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text) >= TimeSpan.Zero;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            return false;
        }
    }

    private static Dictionary<string, SettingKind> Of(params (string Name, SettingKind Kind)[] settings) => settings.ToDictionary(s => s.Name, s => s.Kind, StringComparer.Ordinal);
}
