import { Toolbar, ToolbarContent, ToolbarFilter, ToolbarGroup, ToolbarItem } from '@patternfly/react-core';
import { useCallback } from 'react';
import type { ColumnId } from './columns.tsx';
import { ColumnsMenu } from './columns-menu.tsx';
import { ExportMenu } from './export-menu.tsx';
import { filterText, filterTitle } from './filter-fields.ts';
import { FiltersMenu } from './filters-menu.tsx';
import { withFilter, withoutFilters, withRange, type ListView } from './list-view.ts';
import { NodeSearch } from './node-search.tsx';
import { RangeSearch } from './range-search.tsx';
import type { RangeFault } from './range-fault.ts';
import { SortSelect } from './sort-select.tsx';
import { ViewsMenu } from './views-menu.tsx';

type Props = {
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  readonly rangeFault: RangeFault | undefined;
  readonly shownColumns: readonly ColumnId[];
  readonly onShowColumns: (ids: readonly string[]) => void;
};

/** Search, range, filters, saved views and columns of the list. The filters in force stand below as chips, each with its way out. */
export function NodesToolbar({ view, onView, rangeFault, shownColumns, onShowColumns }: Props) {
  const { filters } = view;
  const filter = useCallback((key: string, value: string) => onView(withFilter(view, key, value)), [onView, view]);
  return (
    <Toolbar
      clearAllFilters={() => onView(withoutFilters(view))}
      clearFiltersButtonText="Clear all filters"
      className="mp-toolbar mp-above-rows"
    >
      <ToolbarContent>
        <ToolbarItem className="mp-toolbar__search">
          <NodeSearch filters={filters} onFilter={filter} />
        </ToolbarItem>
        <ToolbarItem className="mp-toolbar__range">
          <RangeSearch range={view.range} onRange={(range) => onView(withRange(view, range))} fault={rangeFault} />
        </ToolbarItem>
        <ToolbarItem>
          <FiltersMenu filters={filters} onFilter={filter} />
        </ToolbarItem>
        {Object.entries(filters).map(([key, value]) => (
          <ToolbarFilter key={key} categoryName={filterTitle(key)} deleteLabel={() => filter(key, '')} labels={[filterText(key, value)]}>
            {null}
          </ToolbarFilter>
        ))}
        <ToolbarItem visibility={{ default: 'visible', lg: 'hidden' }}>
          <SortSelect view={view} onView={onView} />
        </ToolbarItem>
        <ToolbarGroup align={{ default: 'alignEnd' }} alignItems="center">
          <ToolbarItem>
            <ViewsMenu
              view={view}
              columns={shownColumns}
              onChoose={(next, columns) => {
                onView(next);
                if (columns !== null) onShowColumns(columns);
              }}
            />
          </ToolbarItem>
          <ToolbarItem>
            <ExportMenu view={view} />
          </ToolbarItem>
          <ToolbarItem>
            <ColumnsMenu shown={shownColumns} onShow={onShowColumns} />
          </ToolbarItem>
        </ToolbarGroup>
      </ToolbarContent>
    </Toolbar>
  );
}
