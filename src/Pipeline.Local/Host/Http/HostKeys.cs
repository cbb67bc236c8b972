using System.Security.Cryptography;
using System.Text.Json;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The keys of an app, as Azure has them: the master key opens everything, the host key every function, the system key
/// the webhook where Event Grid delivers. Made once and kept in the data directory, readable by its owner only.
/// </summary>
internal sealed class HostKeys
{
    public const string FileName = "host-keys.json";

    private const int KeyBytes = 32;

    private HostKeys(StoredKeys keys, string? path)
    {
        Master = keys.Master;
        Host = keys.Host;
        EventGrid = keys.EventGrid;
        Path = path;
    }

    public string Master { get; }

    public string Host { get; }

    /// <summary>The system key <c>eventgrid_extension</c>.</summary>
    public string EventGrid { get; }

    /// <summary>Where they are kept; <see langword="null"/>: nowhere.</summary>
    public string? Path { get; }

    /// <summary>Reads the keys of a data directory, or makes them.</summary>
    /// <param name="dataDirectory">The directory, which is ours alone; <see langword="null"/> = new keys, kept nowhere.</param>
    /// <exception cref="StartupException">The file cannot be read or written.</exception>
    public static HostKeys Open(string? dataDirectory)
    {
        if (dataDirectory is null)
            return new HostKeys(Make(), null);
        var path = System.IO.Path.Combine(dataDirectory, FileName);
        try
        {
            if (File.Exists(path))
            {
                return new HostKeys(Read(path), path);
            }

            var keys = Make();
            Write(path, keys);
            return new HostKeys(keys, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StartupException($"{path} cannot be used ({error.GetType().Name}). Delete it to have new keys made.", error);
        }
    }

    private static StoredKeys Make() => new(NewKey(), NewKey(), NewKey());

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));

    private static StoredKeys Read(string path)
    {
        using var file = PrivateFiles.Open(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var keys = JsonSerializer.Deserialize(file, HostKeysJson.Default.StoredKeys);
        return keys is { Master.Length: > 0, Host.Length: > 0, EventGrid.Length: > 0 } ? keys : throw new JsonException("A key is missing.");
    }

    private static void Write(string path, StoredKeys keys)
    {
        // Never a moment in which it could be read by others, or is there in half.
        var draft = path + ".new";
        File.Delete(draft);
        using (var file = PrivateFiles.Open(draft, FileMode.Create, FileAccess.Write, FileShare.None))
            JsonSerializer.Serialize(file, keys, HostKeysJson.Default.StoredKeys);
        File.Move(draft, path);
    }
}
