using System.Text.Json;
using Json.Schema;
using Pipeline.Contracts;

namespace Pipeline.Tests.ContractRules;

/// <summary>A JSON Schema validator of another maker: what it thinks of documents by the stored schemas.</summary>
internal static class SchemaJudge
{
    private static readonly EvaluationOptions Options = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.List };

    private static readonly Dictionary<string, JsonSchema> Schemas = ContractCatalog.All
        .Select(c => (c.Type, c.Schema))
        .Append((EverythingTests.Type, EverythingTests.Schema.ToJsonString()))
        .ToDictionary(s => s.Item1, s => Read(s.Item1, s.Item2));

    /// <summary>What is wrong with a document; <see langword="null"/> if nothing is.</summary>
    public static string? WhatIsWrongWith(string type, string text)
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
            var result = Schemas[type].Evaluate(document.RootElement, Options);
            return result.IsValid ? null : string.Join("; ", (result.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation} {e.Value}")));
        }
    }

    private static JsonSchema Read(string type, string schema)
    {
        using var document = JsonDocument.Parse(schema);
        if (!MetaSchemas.Draft202012.Evaluate(document.RootElement, Options).IsValid)
            throw new InvalidOperationException($"The schema of '{type}' is none.");

        // Patterns are those of ECMA-262, where '$' is the end; in .NET, by which this validator reads them, it is before a last line feed too.
        return JsonSchema.FromText(schema.Replace("$\"", @"(?![\\s\\S])""", StringComparison.Ordinal));
    }
}
