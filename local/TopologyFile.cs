using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using Pipeline.Local.Worker;

namespace Pipeline.Local;

/// <summary>Reads parts of topology.json, each by those whom it is about. What is wrong is said with its place.</summary>
internal static class TopologyFile
{
    /// <summary>A part; <see langword="null"/> if the file has none of that name.</summary>
    /// <exception cref="StartupException">The file is no JSON object.</exception>
    /// <exception cref="InvalidDataException">The part is not what is expected.</exception>
    public static T? Read<T>(string path, string part, JsonSerializerOptions json)
        where T : class
    {
        using var document = Parse(path);
        if (!document.RootElement.TryGetProperty(part, out var element))
            return null;
        RefuseNulls(element, part);
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
                    throw new InvalidDataException($"{at}[{i}] is null.");
                RefuseNulls(item, $"{at}[{i}]");
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
