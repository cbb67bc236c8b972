namespace Pipeline.BookingApp;

/// <summary>The source of current figures.</summary>
public interface IFigureSource
{
    /// <summary>Follows the link of a <see cref="FiguresChanged"/>.</summary>
    Task<Figures> GetAsync(string link, CancellationToken cancellationToken);
}
