
namespace Pipeline;

/// <content>Public only here: where the file is linked, it stays internal.</content>
public static partial class VisibleText;
