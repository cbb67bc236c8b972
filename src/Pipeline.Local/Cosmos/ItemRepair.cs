using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Makes readable what earlier versions stored and <see cref="StrictJson"/> refuses now: of a name that comes twice the last
/// one stays, half a surrogate pair becomes U+FFFD, a number beyond a double the largest double.
/// </summary>
internal static class ItemRepair
{
    /// <returns>The item as it can be read; null if it cannot be made so.</returns>
    public static byte[]? Repair(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(Encoding.UTF8.GetString(json.Span)))
            {
                DateParseHandling = DateParseHandling.None,
                FloatParseHandling = FloatParseHandling.Double,
                MaxDepth = 256,
            };
            var repaired = Encoding.UTF8.GetBytes(Repair(JToken.ReadFrom(reader)).ToString(Formatting.None));
            return StrictJson.WhyNot(repaired) is null ? repaired : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JToken Repair(JToken token)
    {
        switch (token)
        {
            case JObject source:
                var target = new JObject();
                foreach (var property in source.Properties())
                    target[Repair(property.Name)] = Repair(property.Value);
                return target;
            case JArray array:
                return new JArray(array.Select(Repair));
            case JValue { Value: string text }:
                return new JValue(Repair(text));
            case JValue { Value: double number } when !double.IsFinite(number):
                return new JValue(number > 0 ? double.MaxValue : double.MinValue);
            default:
                return token;
        }
    }

    /// <summary>An encoder replaces the halves of pairs.</summary>
    private static string Repair(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
