using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using Pipeline.Local.Hosting;

namespace Pipeline.Local;

/// <summary>Reads parts of topology.json, each by those whom it is about. What is wrong is said with its place.</summary>
internal static class TopologyFile
{
    /// <summary>The last one is for a deployment only.</summary>
    private static readonly string[] _parts = ["cosmos", "serviceBus", "eventGrid", "functions"];

    /// <summary>A part; <see langword="null"/> if the file has none of that name.</summary>
    /// <exception cref="StartupException">The file is no JSON object.</exception>
    /// <exception cref="InvalidDataException">The part is not what is expected.</exception>
    public static T? Read<T>(string path, string part, JsonSerializerOptions json)
        where T : class
    {
        using var document = Parse(path);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (!_parts.Contains(property.Name) && !property.Name.StartsWith('$'))
                throw new StartupException($"{path}: there is no part '{property.Name}'.{Nearest.Hint(property.Name, _parts)} The parts are {string.Join(", ", _parts)}.");
        }

        if (!document.RootElement.TryGetProperty(part, out var element))
            return null;
        RefuseNulls(element, part);
        RefuseUnknownNames(element, typeof(T), part, json);
        try
        {
            return element.Deserialize<T>(json) ?? throw new InvalidDataException($"'{part}' is null.");
        }
        catch (JsonException error)
        {
            var isPlaced = error.Path is null || error.Message.Contains("Path:", StringComparison.Ordinal);
            throw new InvalidDataException(isPlaced ? error.Message : $"{part}{error.Path![1..]}: {error.Message}", error);
        }
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            throw new StartupException($"{path} is no JSON object: '{{ \"cosmos\": ..., \"serviceBus\": ... }}' is expected.");
        }
        catch (JsonException error)
        {
            throw new StartupException($"{path} is no valid JSON. {error.Message}", error);
        }
    }

    /// <summary>In a list the serializer lets them pass, whatever the type says.</summary>
    /// <exception cref="InvalidDataException">There is one; the message names its place.</exception>
    public static void RefuseNulls(JsonElement element, string at = "")
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
                RefuseNulls(property.Value, at.Length == 0 ? property.Name : $"{at}.{property.Name}");
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var (i, item) in element.EnumerateArray().Index())
            {
                if (item.ValueKind == JsonValueKind.Null)
                    throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{at}[{i}] is null."));
                RefuseNulls(item, string.Create(CultureInfo.InvariantCulture, $"{at}[{i}]"));
            }
        }
    }

    /// <summary>Before the serializer does, which names neither what is known nor what is most like it.</summary>
    private static void RefuseUnknownNames(JsonElement element, Type type, string at, JsonSerializerOptions json)
    {
        json.MakeReadOnly(populateMissingResolver: true);
        var info = json.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable && element.ValueKind == JsonValueKind.Array)
        {
            foreach (var (i, item) in element.EnumerateArray().Index())
                RefuseUnknownNames(item, info.ElementType!, string.Create(CultureInfo.InvariantCulture, $"{at}[{i}]"), json);
        }
        else if (info.Kind == JsonTypeInfoKind.Object && element.ValueKind == JsonValueKind.Object)
        {
            var known = info.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null || p.IsExtensionData).ToList();
            if (known.Any(p => p.IsExtensionData))
                return;
            foreach (var property in element.EnumerateObject())
            {
                var match = known.Find(p => p.Name.Equals(property.Name, StringComparison.OrdinalIgnoreCase))
                    ?? throw new InvalidDataException($"{at}.{property.Name} is not known here.{Nearest.Hint(property.Name, known.Select(p => p.Name))}");
                RefuseUnknownNames(property.Value, match.PropertyType, $"{at}.{match.Name}", json);
            }
        }
    }

    /// <summary>Durations as in Azure Resource Manager: <c>PT1M</c>.</summary>
    public sealed class IsoDuration : JsonConverter<TimeSpan>
    {
        /// <inheritdoc/>
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            try
            {
                return XmlConvert.ToTimeSpan(text);
            }
            catch (Exception error) when (error is FormatException or OverflowException)
            {
                throw new JsonException($"'{text}' is no duration: a text like PT1M, PT1H or P1D is expected.", error);
            }
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteStringValue(XmlConvert.ToString(value));
    }
}
