using System.Text;
using Pipeline.Contracts;

namespace Pipeline.Generation;

/// <summary>The catalogs of contracts and consumers, and the metadata that the serializer's own generator makes its code of.</summary>
internal static class CatalogCode
{
    /// <summary><c>ContractCatalog.g.cs</c>.</summary>
    public static string Contracts(Declarations declared, string @namespace)
    {
        var code = Begin("the records with [Event], [Command] or [Reply]", @namespace, "Pipeline.Contracts");
        code.Append("static partial class ContractCatalog\n{\n");
        code.Append("    static partial void AddAll(ContractJson json, List<Contract> contracts)\n    {\n");
        foreach (var message in declared.Messages)
            code.Append(LineOf(message, declared));
        return code.Append("    }\n}\n").ToString();
    }

    /// <summary><c>ContractJson.g.cs</c>. The serializer's generator refuses a context without any type.</summary>
    public static string Json(Declarations declared, string @namespace)
    {
        var code = Begin("the records with [Event], [Command] or [Reply]", @namespace, "System.Text.Json.Serialization");
        foreach (var record in declared.Messages.Select(m => CodeText.NameOf(m.Record)).DefaultIfEmpty("string"))
            code.Append("[JsonSerializable(typeof(").Append(record).Append("))]\n");
        return code.Append("partial class ContractJson;\n").ToString();
    }

    /// <summary><c>Catalog.g.cs</c>.</summary>
    public static string Consumers(Declarations declared, string @namespace)
    {
        var code = Begin("the static properties that hold a consumer", @namespace, "Pipeline.Consumers");
        code.Append("static partial class Catalog\n{\n    static partial void AddAll(List<Consumer> consumers)\n    {\n");
        foreach (var consumer in declared.Consumers)
            code.Append("        consumers.Add(").Append(consumer.Property).Append("); // ").Append(consumer.Consumer.Name).Append('\n');
        return code.Append("    }\n}\n").ToString();
    }

    /// <summary><c>CommandRunners.g.cs</c>.</summary>
    public static string CommandRunners(Declarations declared, string @namespace)
    {
        const string From = "the static properties that hold a consumer or its state model";
        var code = Begin(From, @namespace, "Pipeline.AzureFunctions");
        code.Append("/// <summary>What HTTP functions run commands and queries with, one per state.</summary>\n")
            .Append("internal static class CommandRunners\n{\n    /// <summary>Adds them all.</summary>\n")
            .Append("    public static PipelineBuilder AddCommandRunners(this PipelineBuilder pipeline)\n    {\n");
        foreach (var state in declared.States)
        {
            code.Append("        pipeline.AddCommandRunner(")
                .Append(state.Property).Append(", ").Append(CodeText.Literal(state.Service)).Append(");\n");
        }

        return code.Append("        return pipeline;\n    }\n}\n").ToString();
    }

    private static StringBuilder Begin(string from, string @namespace, params string[] usings)
    {
        var code = new StringBuilder(CodeText.Header(from)).Append("using System;\nusing System.Collections.Generic;\n");
        foreach (var name in usings)
            code.Append("using ").Append(name).Append(";\n");
        return code.Append("\nnamespace ").Append(@namespace).Append(";\n\n");
    }

    private static string LineOf(DeclaredMessage declared, Declarations all)
    {
        var message = declared.Message;
        if (message is EventAttribute && !message.MessageKind.IsEvent())
        {
            throw new GenerationException(
                $"'{message.Type}' is declared as an event of the kind {message.MessageKind}; use [{message.MessageKind}] for that.");
        }

        var (type, destination, subject) = (CodeText.Literal(message.Type), CodeText.Literal(message.Destination), CodeText.Literal(message.Subject));
        var line = new StringBuilder("        contracts.Add(new Contract<").Append(CodeText.NameOf(declared.Record)).Append(">(\n            ")
            .AppendJoin(", ", type, "ContractKind." + message.MessageKind, destination, "json." + declared.Record.Name)
            .Append(",\n            ").Append(subject).Append(", static data => ").Append(SubjectRule.Code(declared));
        if (message is EventAttribute { IsPublic: true })
            line.Append(", isPublic: true");
        line.Append(')');
        if (all.Upcasters.GetValueOrDefault(declared.Record) is { } upcaster)
            line.Append("\n            .UpcastTo(").Append(upcaster).Append(')');
        if (all.Downcasters.GetValueOrDefault(declared.Record) is { } downcaster)
            line.Append("\n            .DowncastTo(").Append(downcaster).Append(')');
        if (message.IsRetired)
            line.Append("\n            .Retired()");
        return line.Append(");\n").ToString();
    }
}
