using System.Text.Json;
using Pipeline.CloudEvents;

namespace Pipeline.AzureFunctions.Http;

/// <summary>A body has something else where a time has to be. The message is for the caller.</summary>
internal sealed class UnusableTimeException(string? text)
    : JsonException(text is null ? $"is not {Rfc3339.DateOrTimeExpected}" : $"is '{Requests.Shown(text)}', not {Rfc3339.DateOrTimeExpected}");
