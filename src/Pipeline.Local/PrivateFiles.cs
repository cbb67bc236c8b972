using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Local;

/// <summary>
/// Files and directories that only their owner can read, since they hold messages, documents and keys. Those that exist
/// already are made so. On Windows the user's profile does that, and nothing is done here.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnDirectory = OwnFile | UnixFileMode.UserExecute;

    /// <summary>Creates a directory, or restricts the one that is there, unless it is one that users share, such as <c>/tmp</c>.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created.</exception>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnDirectory);
        Restrict(path);
    }

    /// <summary>Opens or creates a file. There is no moment in which somebody else could read a new one.</summary>
    /// <inheritdoc cref="FileStream(string, FileMode, FileAccess, FileShare, int)"/>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, int bufferSize = 4096)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = bufferSize };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, options);
        if (mode is not (FileMode.Open or FileMode.Truncate))
            options.UnixCreateMode = OwnFile;
        var file = new FileStream(path, options);
        Restrict(file.SafeFileHandle);
        return file;
    }

    /// <summary>Writes a whole file, over one that is there.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> content)
    {
        using var file = Open(path, FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(content);
    }

    [UnsupportedOSPlatform("windows")]
    private static void Restrict(string directory)
    {
        try
        {
            var mode = File.GetUnixFileMode(directory);
            if (!mode.HasFlag(UnixFileMode.StickyBit) && mode != OwnDirectory)
                File.SetUnixFileMode(directory, OwnDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or a file system without modes: that must not keep anybody from starting.
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void Restrict(SafeFileHandle file)
    {
        try
        {
            if (File.GetUnixFileMode(file) != OwnFile)
                File.SetUnixFileMode(file, OwnFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As with directories.
        }
    }
}
