using System.Collections.Concurrent;
using System.Text.Json;
using Json.Schema;

namespace Pipeline.Tests.ContractRules;

/// <summary>A JSON Schema validator of another maker: what it thinks of documents by a schema.</summary>
internal static class SchemaJudge
{
    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.List };

    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new(StringComparer.Ordinal);

    /// <summary>What is wrong with a document; <see langword="null"/> if nothing is.</summary>
    public static string? WhatIsWrongWith(string schema, string text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 100 });
        }
        catch (JsonException e)
        {
            return $"no JSON: {e.Message}";
        }

        using (document)
        {
            var result = Schemas.GetOrAdd(schema, Read).Evaluate(document.RootElement, Options);
            return result.IsValid ? null : string.Join("; ", (result.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation} {e.Value}")));
        }
    }

    private static JsonSchema Read(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        if (!MetaSchemas.Draft202012.Evaluate(document.RootElement, Options).IsValid)
            throw new InvalidOperationException($"This is no schema: {schema}");

        // Patterns are those of ECMA-262, where '$' is the end; in .NET, by which this validator reads them, it is before a last line feed too.
        return JsonSchema.FromText(schema.Replace("$\"", @"(?![\\s\\S])""", StringComparison.Ordinal));
    }
}
