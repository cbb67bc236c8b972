using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Pipeline.Client;

namespace Pipeline.Tests.Cli;

/// <summary>
/// Completes a document to what a pipeline writes: members that its record requires and that a test left out get <see langword="null"/>,
/// nothing, 0 or no items. So a test names only what it is about.
/// </summary>
internal static class WireDocuments
{
    private static readonly JsonTypeInfo Entry = PipelineJson.Default.DeadLetterDetails;

    /// <summary>Gets the record that a request is answered with; <see langword="null"/> for what is not the operators' API.</summary>
    public static JsonTypeInfo? AnswerTo(HttpRequest request) => request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api", "status"] => PipelineJson.Default.PipelineStatus,
        ["api", "activity"] => PipelineJson.Default.ActivityReport,
        ["api", "blocked"] => PipelineJson.Default.BlockedPage,
        ["api", "handled"] => PipelineJson.Default.PageHandledMessageSummary,
        ["api", "flows", _] => PipelineJson.Default.FlowDetails,
        ["api", "dead-letters"] => PipelineJson.Default.PageDeadLetterDetails,
        ["api", "dead-letters", "groups"] => PipelineJson.Default.DeadLetterGroupList,
        ["api", "dead-letters", "discard"] => PipelineJson.Default.GroupDiscard,
        ["api", "dead-letters", "edit"] => PipelineJson.Default.GroupEdit,
        ["api", "dead-letters", "edit-event"] => PipelineJson.Default.EventEdit,
        ["api", "dead-letters", _, _, _, "dry-run"] => PipelineJson.Default.DryRunDetails,
        ["api", "dead-letters", _, _, _, ..] => Entry,
        ["api", "outbox", "quarantined"] => PipelineJson.Default.PageQuarantinedMessageSummary,
        ["api", "outbox", "quarantined", "release"] => PipelineJson.Default.ReleasedGroup,
        ["api", "replays"] => request.Method == "GET" ? PipelineJson.Default.PageReplaySummary : PipelineJson.Default.ReplaySummary,
        ["api", "replays", _, "subjects"] => PipelineJson.Default.PageReplaySubject,
        ["api", "replays", _, "dry-run"] => PipelineJson.Default.PagePlannedDryRun,
        ["api", "replays", _, ..] => PipelineJson.Default.ReplaySummary,
        _ => null,
    };

    /// <summary>Completes a document in place; one of another shape is left as it is.</summary>
    public static void Complete(JsonNode? document, JsonTypeInfo type)
    {
        switch (type.Kind, document)
        {
            case (JsonTypeInfoKind.Object, JsonObject members):
                foreach (var property in type.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null))
                {
                    var itsType = type.Options.GetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
                    if (members.TryGetPropertyValue(property.Name, out var value))
                        Complete(value, itsType);
                    else if (property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false })
                        members[property.Name] = property.IsSetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null ? null : Empty(itsType);
                }

                break;
            case (JsonTypeInfoKind.Enumerable, JsonArray items):
                foreach (var item in items)
                    Complete(item, type.Options.GetTypeInfo(type.ElementType!));
                break;
        }
    }

    private static JsonNode? Empty(JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Enumerable)
            return new JsonArray();
        if (type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary)
        {
            var made = new JsonObject();
            Complete(made, type);
            return made;
        }

        return type.Type == typeof(string) ? JsonValue.Create("") : JsonSerializer.SerializeToNode(Activator.CreateInstance(type.Type), type);
    }
}
